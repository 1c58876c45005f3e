package graph

import (
	"context"
	"errors"
	"fmt"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/policies"
)

// MethodsPolicy says which methods the tenant uses, and for whom.
type MethodsPolicy struct {
	// MigrationState is "preMigration", "migrationInProgress" or
	// "migrationComplete": whether the legacy policy for password reset counts.
	// It is empty where the service does not say.
	MigrationState string
	// Methods are the configurations by id in lower case: "email", "sms", "voice".
	Methods map[string]MethodConfiguration
}

// MethodConfiguration is one method's part of the policy.
type MethodConfiguration struct {
	Enabled            bool
	Include, Exclude   []Target
	OfficePhoneAllowed bool // of voice
}

// Target is whom a configuration is for.
type Target struct {
	ID              string // object id of a group or user, or [AllUsers]
	IsUser          bool
	UsableForSignIn bool // of sms: the number is a name to sign in with
}

// AllUsers is the target that is everybody.
const AllUsers = "all_users"

// MethodsPolicy reads /policies/authenticationMethodsPolicy, which brings the
// configurations along (learn.microsoft.com, "Get authenticationMethodsPolicy").
// The cloud in China has none: there the error is [errors.ErrUnsupported].
func (c *Client) MethodsPolicy(ctx context.Context) (MethodsPolicy, error) {
	if c.cloud == China {
		return MethodsPolicy{}, fmt.Errorf("reading the authentication methods policy in the cloud %s: %w", c.cloud, errors.ErrUnsupported)
	}
	p, err := single[methodsPolicy](ctx, c, reading{"reading the authentication methods policy", "Policy.Read.AuthenticationMethod"}, func() (*abstractions.RequestInformation, error) {
		return policies.NewAuthenticationMethodsPolicyRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx, nil)
	})
	if err != nil {
		return MethodsPolicy{}, err
	}
	return p.policy(), nil
}

// methodsPolicy is the service's authenticationMethodsPolicy, as far as it is
// used.
type methodsPolicy struct {
	PolicyMigrationState               string
	AuthenticationMethodConfigurations []struct {
		ID, State            string
		IncludeTargets       []policyTarget
		ExcludeTargets       []policyTarget
		IsOfficePhoneAllowed bool
	}
}

type policyTarget struct {
	ID, TargetType    string
	IsUsableForSignIn bool
}

// migrationStates are spelled differently on different pages.
var migrationStates = []string{"preMigration", "migrationInProgress", "migrationComplete"}

func (p methodsPolicy) policy() MethodsPolicy {
	policy := MethodsPolicy{
		MigrationState: p.PolicyMigrationState,
		Methods:        make(map[string]MethodConfiguration, len(p.AuthenticationMethodConfigurations)),
	}
	for _, known := range migrationStates {
		if strings.EqualFold(known, p.PolicyMigrationState) {
			policy.MigrationState = known
		}
	}
	for _, m := range p.AuthenticationMethodConfigurations {
		if m.ID == "" {
			continue
		}
		policy.Methods[strings.ToLower(m.ID)] = MethodConfiguration{
			Enabled:            strings.EqualFold(m.State, "enabled"),
			Include:            targets(m.IncludeTargets),
			Exclude:            targets(m.ExcludeTargets),
			OfficePhoneAllowed: m.IsOfficePhoneAllowed,
		}
	}
	return policy
}

func targets(from []policyTarget) []Target {
	var to []Target
	for _, t := range from {
		if t.ID != "" {
			to = append(to, Target{t.ID, strings.EqualFold(t.TargetType, "user"), t.IsUsableForSignIn})
		}
	}
	return to
}

// AdminsMayReset reads of /policies/authorizationPolicy whether administrators
// may reset their own passwords at all. They may where it does not say, which
// is how a tenant starts (learn.microsoft.com, "Self-service password reset
// policies").
func (c *Client) AdminsMayReset(ctx context.Context) (bool, error) {
	p, err := single[struct{ AllowedToUseSSPR *bool }](ctx, c, reading{"reading the authorization policy", "Policy.Read.All"}, func() (*abstractions.RequestInformation, error) {
		return policies.NewAuthorizationPolicyRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx, nil)
	})
	return err == nil && (p.AllowedToUseSSPR == nil || *p.AllowedToUseSSPR), err
}

// SecurityDefaults reads whether the tenant's security defaults are on.
func (c *Client) SecurityDefaults(ctx context.Context) (bool, error) {
	p, err := single[struct{ IsEnabled bool }](ctx, c, reading{"reading the security defaults", "Policy.Read.All"}, func() (*abstractions.RequestInformation, error) {
		return policies.NewIdentitySecurityDefaultsEnforcementPolicyRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx, nil)
	})
	return err == nil && p.IsEnabled, err
}
