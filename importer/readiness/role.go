package readiness

import (
	"slices"
	"strings"
)

// The template ids of the directory roles that matter here
// (learn.microsoft.com, "Microsoft Entra built-in roles").
const (
	globalAdmin      = "62e90394-69f5-4237-9190-012177145e10"
	privilegedAuth   = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"
	authentication   = "c4e39bd9-1100-46d3-8c65-fb160da0071f"
	globalReader     = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
	reportsReader    = "4a5d8f65-41da-4de4-8968-e035b65339cf"
	securityReader   = "5d6b6bb7-de71-4623-b4af-96380a352509"
	securityAdmin    = "194ae4cb-b126-40b2-bd5b-6091b380977d"
	everybodysMarker = "b79fbf4d-3ef9-4689-8143-76b194e85509" // in every member's token; no role
)

var roleNames = map[string]string{
	globalAdmin: "Global Administrator", privilegedAuth: "Privileged Authentication Administrator",
	authentication: "Authentication Administrator", globalReader: "Global Reader", reportsReader: "Reports Reader",
	securityReader: "Security Reader", securityAdmin: "Security Administrator",
}

// role is about persons alone: of an app the permissions are all.
func (f Findings) role() Check {
	const name = "role"
	who := f.Identity.Value
	switch {
	case who.Opaque:
		return Check{name, Unknown, "the token cannot be read here", "", ""}
	case who.App:
		return Check{name, OK, "none needed: an app works by its permissions", "", ""}
	}
	held := known(who.Roles)
	found := strings.Join(held.names, ", ")
	switch {
	case held.any(privilegedAuth, globalAdmin):
		return Check{name, OK, found, "", ""}
	case f.wants(Apply) && held.any(authentication), f.wants(Plan) && held.any(authentication) && !held.any(globalReader):
		return Check{name, Failed, found, "this role reads masked numbers, so that nothing can be compared, and may not change administrators",
			"activate Privileged Authentication Administrator, or sign in as an app"}
	case f.wants(Apply):
		return f.lacking(held, "Privileged Authentication Administrator")
	case f.wants(Plan) && !held.any(globalReader):
		return f.lacking(held, "Global Reader")
	case (f.wants(Cover) || f.wants(Report)) && !held.any(globalReader, reportsReader, securityReader, securityAdmin):
		return f.lacking(held, "Reports Reader")
	case found == "":
		found = "none needed"
	}
	return Check{name, OK, found, "", ""}
}

// lacking is a role that is not there, unless one of those this program does not
// know, custom ones among them, stands for it.
func (f Findings) lacking(held heldRoles, needed string) Check {
	found := strings.Join(held.names, ", ")
	if held.others > 0 {
		return Check{"role", Unknown, strings.TrimPrefix(found+", and roles not known here", ", and "),
			"a custom role may allow it or not", "activate " + needed + " if it does not"}
	}
	if found == "" {
		found = "no directory role"
	}
	return Check{"role", Failed, found, "for " + features(f.Features) + " a person needs a role beside the permissions",
		"activate " + needed + ", or sign in as an app"}
}

func (f Findings) wants(feature Feature) bool { return slices.Contains(f.Features, feature) }

type heldRoles struct {
	ids, names []string
	others     int // roles that are not in roleNames
}

func (h heldRoles) any(ids ...string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(h.ids, id) })
}

func known(ids []string) heldRoles {
	var h heldRoles
	for _, id := range ids {
		id = strings.ToLower(id)
		name, ok := roleNames[id]
		switch {
		case ok:
			h.ids, h.names = append(h.ids, id), append(h.names, name)
		case id != everybodysMarker:
			h.others++
		}
	}
	slices.Sort(h.names)
	return h
}
