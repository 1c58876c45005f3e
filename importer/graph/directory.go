package graph

import (
	"context"
	"slices"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/directory"
	"github.com/microsoftgraph/msgraph-sdk-go/domains"
	"github.com/microsoftgraph/msgraph-sdk-go/subscribedskus"
)

// Domain is one of the tenant's domains.
type Domain struct {
	Name              string
	Verified, Default bool
	Federated         bool // its people sign in somewhere else
}

// Domains reads /domains, which has no pages.
func (c *Client) Domains(ctx context.Context) ([]Domain, error) {
	answer, err := every[struct {
		ID                    string
		IsVerified, IsDefault bool
		AuthenticationType    string
	}](ctx, c, reading{"reading the tenant's domains", "Domain.Read.All"}, func() (*abstractions.RequestInformation, error) {
		return domains.NewDomainsRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx, nil)
	})
	var all []Domain
	for _, d := range answer {
		if d.ID != "" {
			all = append(all, Domain{d.ID, d.IsVerified, d.IsDefault, strings.EqualFold(d.AuthenticationType, "Federated")})
		}
	}
	return all, err
}

// The service plans of Microsoft Entra ID.
const (
	PlanP1 = "AAD_PREMIUM"
	PlanP2 = "AAD_PREMIUM_P2"
)

// ServicePlans reads the names of the service plans that the tenant's licences
// hold and that are enabled, such as [PlanP1], each once and sorted.
func (c *Client) ServicePlans(ctx context.Context) ([]string, error) {
	skus, err := every[subscribedSKU](ctx, c, reading{"reading the tenant's licences", "LicenseAssignment.Read.All"}, func() (*abstractions.RequestInformation, error) {
		return subscribedskus.NewSubscribedSkusRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx, nil)
	})
	if err != nil {
		return nil, err
	}
	return enabledPlans(skus), nil
}

type subscribedSKU struct {
	CapabilityStatus string
	ServicePlans     []struct{ ServicePlanName, ProvisioningStatus string }
}

// enabledPlans takes a licence in its grace period as well: its plans still
// work ("Warning"; learn.microsoft.com, subscribedSku resource type).
func enabledPlans(skus []subscribedSKU) []string {
	var plans []string
	for _, sku := range skus {
		if !strings.EqualFold(sku.CapabilityStatus, "Enabled") && !strings.EqualFold(sku.CapabilityStatus, "Warning") {
			continue
		}
		for _, plan := range sku.ServicePlans {
			if plan.ServicePlanName != "" && strings.EqualFold(plan.ProvisioningStatus, "Success") {
				plans = append(plans, plan.ServicePlanName)
			}
		}
	}
	slices.Sort(plans)
	return slices.Compact(plans)
}

// Synchronization is how the tenant and an on-premises directory meet.
type Synchronization struct{ PasswordWriteback bool }

// Synchronization reads /directory/onPremisesSynchronization. A tenant without
// any has none of its features.
func (c *Client) Synchronization(ctx context.Context) (Synchronization, error) {
	answer, err := every[struct {
		Features struct{ PasswordWritebackEnabled bool }
	}](ctx, c, reading{"reading the on-premises synchronization", "OnPremDirectorySynchronization.Read.All"}, func() (*abstractions.RequestInformation, error) {
		return directory.NewOnPremisesSynchronizationRequestBuilderInternal(relative(), c.adapter).ToGetRequestInformation(ctx, nil)
	})
	var s Synchronization
	for _, a := range answer {
		s.PasswordWriteback = s.PasswordWriteback || a.Features.PasswordWritebackEnabled
	}
	return s, err
}
