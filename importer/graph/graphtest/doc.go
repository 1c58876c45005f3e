// Package graphtest is the contract between authseed and Microsoft Graph: what
// importer/graph, and everything that is built on it, relies on, as tests that
// run against the simulator always and against a real test tenant on request.
// It has no code but its tests, and nobody imports it.
//
// It promises that the simulator and the service are asked by the same cases,
// through the real client; that every request and every answer, those inside of
// a batch too, is held against Microsoft's OpenAPI description where that is
// present, beside the repository in shared/data/graph-openapi-subset.yaml; that
// every operation the client has was seen to succeed; and that what nobody knows
// of the service is asserted of the simulator and reported of a tenant.
//
// It never shows a clear number, address or name, and never touches a tenant
// but the one, nor a person but the one, that the environment names.
//
// # A real tenant
//
//	go test ./importer/graph/graphtest -run Tenant -v -count=1 -timeout 30m
//
// runs there when three variables are set, and says what is missing when some
// are:
//
//	AUTHSEED_TEST_AUTH    how to sign in, one of the modes of --auth, with its own variables
//	AUTHSEED_TEST_TENANT  the id of the tenant; another one is refused
//	AUTHSEED_TEST_USER    id or userPrincipalName of the one person it may touch
//
// AUTHSEED_CLOUD chooses another cloud than global. The person has to be one
// without an admin role, other than the one signed in, with no phone and no
// e-mail method registered; one that only holds what an interrupted run left is
// taken as well. The sign-in needs User.Read.All and either
// UserAuthenticationMethod.ReadWrite.All or UserAuthMethod-Phone.ReadWrite.All
// with UserAuthMethod-Email.ReadWrite.All; AuditLog.Read.All adds one answer.
//
// It reads the organization, up to three pages of users and the person's
// registration details. It writes and removes phone and e-mail methods of the
// person, numbers and addresses kept for fiction, and leaves nothing registered.
// The audit log keeps the writes, and Entra may tell the person of them. Should
// the removal fail, it says what to do by hand.
//
// What it saw of the open questions is one table at the end, to be put into an
// issue.
package graphtest
