package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"

	"authseed/mapping/authmethod"
)

// Cloud is one of Microsoft's separate clouds. A token of one is worth nothing
// in another. The zero Cloud means [Global].
type Cloud string

// The clouds that have authentication methods in Microsoft Graph v1.0
// (learn.microsoft.com, "National cloud deployments"). GCC is in Global, GCC
// High is USGov.
const (
	Global Cloud = "global"
	USGov  Cloud = "usgov"
	DoD    Cloud = "dod"
	China  Cloud = "china"
)

// Clouds lists the clouds by the names [ParseCloud] reads.
func Clouds() []Cloud { return []Cloud{Global, USGov, DoD, China} }

// ParseCloud reads a cloud's name.
func ParseCloud(name string) (Cloud, error) {
	if slices.Contains(Clouds(), Cloud(name)) {
		return Cloud(name), nil
	}
	names := make([]string, 0, len(Clouds()))
	for _, c := range Clouds() {
		names = append(names, string(c))
	}
	return "", fmt.Errorf("unknown cloud %q: one of %s", name, strings.Join(names, ", "))
}

// Supports reports whether the cloud has the method. The cloud in China has no
// e-mail method (learn.microsoft.com, "emailAuthenticationMethod resource
// type", national cloud table).
func (c Cloud) Supports(k authmethod.Kind) bool {
	return c != China || k != authmethod.Email
}

// listsMethods reports whether the cloud answers /authentication/methods.
func (c Cloud) listsMethods() bool { return c != China }

// root is the scheme and host of Microsoft Graph.
func (c Cloud) root() string {
	switch c {
	case USGov:
		return "https://graph.microsoft.us"
	case DoD:
		return "https://dod-graph.microsoft.us"
	case China:
		return "https://microsoftgraph.chinacloudapi.cn"
	}
	return "https://graph.microsoft.com"
}

// scope asks for whatever was consented to for Microsoft Graph.
func (c Cloud) scope() string { return c.root() + "/.default" }

// login is where tokens of the cloud come from.
func (c Cloud) login() cloud.Configuration {
	switch c {
	case USGov, DoD:
		return cloud.AzureGovernment
	case China:
		return cloud.AzureChina
	}
	return cloud.AzurePublic
}
