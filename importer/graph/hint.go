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
	{"AADSTS700027", "the tenant does not know the certificate: upload its public part to the application"},
	{"AADSTS90002", "there is no such tenant in this cloud: check " + envTenant + " and --cloud"},
	{"AADSTS900023", "there is no such tenant in this cloud: check " + envTenant + " and --cloud"},
	{"AADSTS50020", "the account is not in this tenant: sign in with one that is, or check " + envTenant},
	{"AADSTS65001", "an administrator has to consent to the application's permissions first"},
	{"AADSTS53003", "conditional access refuses this sign-in: sign in from an allowed place, or use an application"},
	{"AADSTS50076", "multifactor authentication is asked for: sign in with --auth browser"},
	{"AADSTS50079", "multifactor authentication is asked for: sign in with --auth browser"},
}

const (
	hintNetwork     = "check the network, and HTTPS_PROXY where there is a proxy"
	hintSignIn      = "sign in with az login, or set " + envTenant + ", " + envClient + " and " + envSecret + ", or choose another way with --auth"
	hintToken       = "sign in again, and check that the sign-in, " + envTenant + " and --cloud belong together"
	hintGiven       = "put a new token into " + envAccessToken + ", or choose another way with --auth, which renews its tokens by itself"
	hintPEM         = "the file has to hold the certificate and its private key, as PEM or PKCS#12; " + envPassword + " opens one that is locked"
	hintChallenge   = "the tenant asks for a fresh sign-in: use --auth browser or --auth device-code"
	hintPermissions = "an application needs User.Read.All, UserAuthMethod-Phone.ReadWrite.All and UserAuthMethod-Email.ReadWrite.All with an administrator's consent; a person needs the role Privileged Authentication Administrator as well"
	hintURL         = "give https, or a loopback address such as http://127.0.0.1:8080/v1.0"
	hintCertificate = "the server's certificate is not trusted here: add the proxy's authority to the system's, or check the address"
)

func signInHint(message string) string {
	for _, known := range entraHints {
		if strings.Contains(message, known.code+":") {
			return known.hint
		}
	}
	if strings.Contains(message, "dial tcp") || strings.Contains(message, "no such host") || strings.Contains(message, "i/o timeout") {
		// The chain of ways reports its attempt at a cloud machine's own address
		// in these words too, where nothing is wrong with the network.
		if !strings.Contains(message, "ManagedIdentityCredential") {
			return hintNetwork
		}
	}
	if strings.Contains(message, envCertificate) {
		return hintPEM
	}
	return hintSignIn
}

// Hint says what to type or do about an error of this package; empty where
// there is nothing sensible to say.
func Hint(err error) string {
	var signIn *signInError
	var address *URLError
	var refused *Error
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
	case errors.As(err, &authority), errors.As(err, &host):
		return hintCertificate
	case errors.Is(err, context.Canceled):
		return ""
	case errors.As(err, &name), errors.As(err, &dial), errors.Is(err, context.DeadlineExceeded):
		return hintNetwork
	}
	return ""
}

func refusalHint(e *Error) string {
	switch {
	case strings.EqualFold(e.Code, "insufficient_claims"):
		return hintChallenge
	case e.Status == http.StatusUnauthorized && strings.Contains(e.Message, envAccessToken):
		return hintGiven
	case e.Status == http.StatusUnauthorized:
		return hintToken
	case e.Status == http.StatusForbidden && e.item:
		return "the sign-in may not change this person: administrators need a Privileged Authentication Administrator, and members of a restricted unit a role in it"
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
	return refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden && !refused.item
}
