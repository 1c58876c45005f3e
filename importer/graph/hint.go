package graph

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"
)

// signInError is a token that could not be had.
type signInError struct {
	problem string
	hint    string
	cause   error
}

func (e *signInError) Error() string { return "not signed in: " + e.problem }
func (e *signInError) Unwrap() error { return e.cause }

// asSignInError shortens what azidentity says, pages with rules and raw
// answers, to the sentence that matters.
func asSignInError(err error) error {
	var already *signInError
	if errors.As(err, &already) {
		return err
	}
	return &signInError{problem: shorten(err.Error()), hint: signInHint(err.Error()), cause: err}
}

var (
	entraMessage = regexp.MustCompile(`AADSTS\d+: [^"\\\r\n]+`)
	entraTrailer = regexp.MustCompile(`\s*(Trace ID|Correlation ID|Timestamp): .*`)
	troubleshoot = regexp.MustCompile(`\.?\s*To troubleshoot, visit \S+`)
)

func shorten(message string) string {
	if found := entraMessage.FindString(message); found != "" {
		return scrub(entraTrailer.ReplaceAllString(found, ""), maxSignIn)
	}
	if pagePattern.MatchString(message) {
		return "a web page answers in place of the sign-in"
	}
	message = troubleshoot.ReplaceAllString(message, "")
	lines := strings.FieldsFunc(message, func(r rune) bool { return r == '\n' || r == '\r' })
	for i, line := range lines {
		lines[i] = strings.TrimRight(strings.TrimSpace(line), ".-")
	}
	return scrub(strings.Join(lines, "; "), maxSignIn)
}

// entraHints go by the numbers Entra's sign-in gives (learn.microsoft.com,
// "Microsoft Entra authentication and authorization error codes").
var entraHints = []struct{ code, hint string }{
	{"AADSTS7000215", "the secret is wrong: put the secret's value, not its id, into " + envSecret},
	{"AADSTS7000222", "the secret has expired: make a new one and put it into " + envSecret},
	{"AADSTS700016", "the application is not in this tenant: check " + envClient + ", " + envTenant + " and --cloud"},
	{"AADSTS7000229", "the application is not in this tenant yet: have an administrator consent to it there"},
	{"AADSTS7000112", "the application is disabled: enable it in the tenant, or check " + envClient},
	{"AADSTS7000218", "the application allows no sign-in without a secret: allow public client flows in its authentication settings"},
	{"AADSTS700024", "the assertion is from another time: check this machine's clock"},
	{"AADSTS700213", hintFederated},
	{"AADSTS70021", hintFederated},
	{"AADSTS90002", hintTenant},
	{"AADSTS900021", hintTenant},
	{"AADSTS900023", hintTenant},
	{"AADSTS90038", hintCloud},
	{"AADSTS90051", hintCloud},
	{"AADSTS900382", hintCloud},
	{"AADSTS900432", hintCloud},
	{"AADSTS900439", hintCloud},
	{"AADSTS500011", hintCloud},
	{"AADSTS50020", "the account is not in this tenant: sign in with one that is, or check " + envTenant},
	{"AADSTS50034", "the account is not in this tenant: sign in with one that is, or check " + envTenant},
	{"AADSTS50011", hintRedirect},
	{"AADSTS500113", hintRedirect},
	{"AADSTS50105", "the application is for assigned people only: have an administrator assign the account to it"},
	{"AADSTS65001", "an administrator has to consent to the application's permissions first"},
	{"AADSTS53000", hintAccess},
	{"AADSTS53001", hintAccess},
	{"AADSTS53003", hintAccess},
	{"AADSTS50076", hintFactor},
	{"AADSTS50079", hintFactor},
	{"AADSTS50173", hintStale},
	{"AADSTS70043", hintStale},
	{"AADSTS700082", hintStale},
}

const (
	hintNetwork     = "check the network, and HTTPS_PROXY where there is a proxy"
	hintSignIn      = "sign in with az login, or set " + envTenant + ", " + envClient + " and " + envSecret + ", or choose another way with --auth"
	hintToken       = "sign in again, and check that the sign-in, " + envTenant + " and --cloud belong together"
	hintGiven       = "put a new token into " + envAccessToken + ", or choose another way with --auth, which renews its tokens by itself"
	hintPEM         = "the file has to hold the certificate and its private key, as PEM or PKCS#12; " + envPassword + " opens one that is locked"
	hintChallenge   = "the tenant asks for a fresh sign-in: use --auth browser or --auth device-code"
	hintPermissions = "an application needs User.Read.All, UserAuthMethod-Phone.ReadWrite.All and UserAuthMethod-Email.ReadWrite.All with an administrator's consent; a person needs the role Privileged Authentication Administrator as well"
	hintTenant      = "there is no such tenant in this cloud: check " + envTenant + " and --cloud"
	hintTenantForm  = envTenant + " is a tenant's id, a GUID, or one of its domains"
	hintCloud       = "the tenant or the application is in another of Microsoft's clouds: choose its cloud with --cloud"
	hintAccess      = "conditional access refuses this sign-in: sign in from an allowed place and device, or use an application"
	hintFactor      = "multifactor authentication is asked for: sign in with --auth browser"
	hintStale       = "the sign-in is over: sign in again, with az login where --auth is cli"
	hintRedirect    = "add http://localhost to the application's redirect addresses, as one of mobile and desktop applications"
	hintFederated   = "the application trusts no token like this one: compare issuer, subject and audience with its federated credentials"
	hintUnknownKey  = "the tenant does not know the certificate: upload its public part to the application"
	hintExpiredKey  = "the certificate has expired: make a new one, upload its public part to the application, and name it in " + envCertificate
	hintPage        = "something on the way answers in Microsoft's place: check HTTPS_PROXY, and whether the network asks for a sign-in of its own"
	hintProxy       = "the proxy asks for a sign-in of its own: put a name and a password into HTTPS_PROXY"
	hintLicence     = "that takes Microsoft Entra ID P1, for roles on demand P2, and the tenant has no such licence"
	hintFilter      = "the directory cannot filter by that: for what each property can be compared with see learn.microsoft.com, \"Advanced query capabilities on Microsoft Entra ID objects\""
	hintFilterForm  = "check the filter: text stands in single quotes, as in department eq 'Sales'"
	hintURL         = "give https, or a loopback address such as http://127.0.0.1:8080/v1.0"
	hintCertificate = "the server's certificate is not trusted here: add the proxy's authority to the system's, or check the address"
)

// pagePattern finds that sign-in met a web page: azidentity shows it whole, or
// what its first byte is not.
var pagePattern = regexp.MustCompile(`(?i)<!doctype html|<html|invalid character '<'`)

func signInHint(message string) string {
	for _, known := range entraHints {
		if strings.Contains(message, known.code+":") {
			return known.hint
		}
	}
	switch {
	case strings.Contains(message, "AADSTS700027:"): // what is wrong with the key is in words only
		if strings.Contains(message, "expired") {
			return hintExpiredKey
		}
		return hintUnknownKey
	case strings.Contains(message, "invalid tenantID"):
		return hintTenantForm
	case strings.Contains(message, proxyRefusal):
		return hintProxy
	case pagePattern.MatchString(message):
		return hintPage
	case strings.Contains(message, envCertificate): // also of a file that x509 cannot read
		return hintPEM
	case strings.Contains(message, "x509:"):
		return hintCertificate
	case isUnreachable(message):
		return hintNetwork
	}
	return hintSignIn
}

// proxyRefusal is what net/http says of a proxy's 407; it has no error of its
// own for it.
const proxyRefusal = "Proxy Authentication Required"

// isUnreachable reports a network that leads nowhere. The chain of ways reports
// its attempt at a cloud machine's own address in these words too, where nothing
// is wrong with the network.
func isUnreachable(message string) bool {
	if strings.Contains(message, "ManagedIdentityCredential") {
		return false
	}
	for _, said := range []string{"dial tcp", "no such host", "i/o timeout", "connection reset", "TLS handshake timeout", "network is unreachable"} {
		if strings.Contains(message, said) {
			return true
		}
	}
	return false
}

// Hint says what to type or do about an error of this package; empty where
// there is nothing sensible to say.
func Hint(err error) string {
	var signIn *signInError
	var address *URLError
	var refused *Error
	var page *pageError
	var name *net.DNSError
	var dial *net.OpError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case errors.As(err, &signIn):
		return signIn.hint
	case errors.As(err, &address):
		return hintURL
	case errors.As(err, &refused):
		return refusalHint(refused)
	case errors.As(err, &page):
		return hintPage
	case errors.As(err, &authority), errors.As(err, &host):
		return hintCertificate
	case errors.Is(err, context.Canceled):
		return ""
	case err != nil && strings.Contains(err.Error(), proxyRefusal):
		return hintProxy
	case errors.As(err, &name), errors.As(err, &dial), errors.Is(err, context.DeadlineExceeded):
		return hintNetwork
	}
	return ""
}

func refusalHint(e *Error) string {
	switch {
	case e.Status == http.StatusProxyAuthRequired:
		return hintProxy
	case e.page && e.Status < http.StatusInternalServerError, e.Status == http.StatusNetworkAuthenticationRequired:
		return hintPage // a page with another 5xx may be Microsoft's own
	case e.unlicensed():
		return hintLicence
	case strings.EqualFold(e.Code, "Request_UnsupportedQuery"):
		return hintFilter
	case e.Status == http.StatusBadRequest && strings.Contains(strings.ToLower(e.Message), "filter clause"):
		return hintFilterForm
	case strings.EqualFold(e.Code, "insufficient_claims"):
		return hintChallenge
	case e.Status == http.StatusUnauthorized && strings.Contains(e.Message, envAccessToken):
		return hintGiven
	case e.Status == http.StatusUnauthorized:
		return hintToken
	case e.Status == http.StatusForbidden && e.item:
		return "the sign-in may not change this person: administrators need a Privileged Authentication Administrator, and members of a restricted unit a role in it"
	case e.Status == http.StatusForbidden && e.needs != "":
		return "the sign-in needs " + e.needs + ", with an administrator's consent"
	case e.Status == http.StatusForbidden:
		return hintPermissions
	case e.Status/100 == 3:
		return "check the address, and whether the network asks for a sign-in of its own"
	}
	return ""
}

// IsSignIn reports whether nothing at all can be done with this sign-in: there
// is no token, the service does not take it, or it lacks a permission for
// everybody. A 403 for one item of a batch may be about one person and is not
// counted.
func IsSignIn(err error) bool {
	var signIn *signInError
	if errors.As(err, &signIn) {
		return true
	}
	var refused *Error
	if !errors.As(err, &refused) {
		return false
	}
	return refused.Status == http.StatusUnauthorized && !refused.page || refused.forbidden()
}
