package authmethod

// Reason is the fixed word for why a person, or one method of theirs, is left
// out. Consumers of plans rely on the words; `authseed help hazards` lists them.
type Reason string

// The reasons this version gives.
const (
	InvalidPhone       Reason = "invalid-phone"
	InvalidEmail       Reason = "invalid-email"
	CountryUnknown     Reason = "country-unknown"
	SpreadsheetDamage  Reason = "spreadsheet-damage"
	NoMatch            Reason = "no-match"
	AmbiguousMatch     Reason = "ambiguous-match"
	ConflictingRows    Reason = "conflicting-rows"
	OutOfScope         Reason = "out-of-scope"
	Guest              Reason = "guest"
	Disabled           Reason = "disabled"
	Privileged         Reason = "privileged"
	Restricted         Reason = "restricted"
	OwnAccount         Reason = "own-account"
	KeptExisting       Reason = "kept-existing"
	MobileMissing      Reason = "mobile-missing"
	UnsupportedInCloud Reason = "unsupported-in-cloud"
	TenantPolicy       Reason = "tenant-policy"
)

// Reasons lists every reason with its meaning, in the order they are counted
// in.
func Reasons() []ReasonMeaning {
	return []ReasonMeaning{
		{InvalidPhone, "the cell is not a phone number that can be registered; the detail says why"},
		{InvalidEmail, "the cell is not an e-mail address that can be registered"},
		{CountryUnknown, "a national number, and nothing says in which country"},
		{SpreadsheetDamage, "a spreadsheet or an export has changed the cell or the row beyond safe repair"},
		{NoMatch, "no person of the tenant has the key, or the row has none"},
		{AmbiguousMatch, "several people of the tenant have the key"},
		{ConflictingRows, "several rows name the person and disagree"},
		{OutOfScope, "the mapping's where or the pilot leaves the row out, or no mapped cell holds anything"},
		{Guest, "the person is a guest, whose home tenant resets the password"},
		{Disabled, "the account is disabled"},
		{Privileged, "the person holds a privileged role, and --include privileged was not given"},
		{Restricted, "the service does not show this person's methods to this sign-in"},
		{OwnAccount, "the account that is signed in itself"},
		{KeptExisting, "the person has another value registered, and the policy is fill"},
		{MobileMissing, "an alternate mobile needs a mobile, and there is or would be none"},
		{UnsupportedInCloud, "the cloud has no such method"},
		{TenantPolicy, "the tenant's policy has no use for the method"},
	}
}

// ReasonMeaning is a reason and what it means to a reader.
type ReasonMeaning struct {
	Reason  Reason
	Meaning string
}

// Unusable reports whether the reason blames the row itself: what --strict and
// check count as a failure.
func (r Reason) Unusable() bool {
	switch r {
	case InvalidPhone, InvalidEmail, CountryUnknown, SpreadsheetDamage, NoMatch, AmbiguousMatch, ConflictingRows:
		return true
	}
	return false
}
