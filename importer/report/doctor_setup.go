package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"authseed/importer/readiness"
)

// Shell is what a setup is written for.
type Shell string

// The shells.
const (
	AzureCLI   Shell = "az"   // any POSIX shell
	PowerShell Shell = "pwsh" // with the module Microsoft.Graph
)

// AppSetup is an app to be made.
type AppSetup struct {
	Name            string // its display name
	Cloud           string // global, usgov, dod or china
	Features        []readiness.Feature
	Permissions     []readiness.Permission
	Issuer, Subject string // of a federated credential; empty for a certificate
}

// graphApp is Microsoft Graph in every tenant (learn.microsoft.com, "Microsoft
// Graph permissions reference").
const graphApp = "00000003-0000-0000-c000-000000000000"

// tokenExchange is the audience Entra asks of a federated token
// (learn.microsoft.com, "Create a trust relationship between an app and an
// external identity provider").
func (s AppSetup) tokenExchange() string {
	switch s.Cloud {
	case "usgov", "dod":
		return "api://AzureADTokenExchangeUSGov"
	case "china":
		return "api://AzureADTokenExchangeChina"
	}
	return "api://AzureADTokenExchange"
}

// places are what each tool calls a cloud, and where its Graph is
// (learn.microsoft.com, "National cloud deployments").
func (s AppSetup) places() (azCloud, environment, root string) {
	switch s.Cloud {
	case "usgov":
		return "AzureUSGovernment", "USGov", "https://graph.microsoft.us"
	case "dod":
		return "AzureUSGovernment", "USGovDoD", "https://dod-graph.microsoft.us"
	case "china":
		return "AzureChinaCloud", "China", "https://microsoftgraph.chinacloudapi.cn"
	}
	return "AzureCloud", "Global", "https://graph.microsoft.com"
}

// Setup writes the lines that make the app, for somebody to read and run. They
// ask for nothing but what is in s, and make no secret. The same s gives the
// same text.
func Setup(w io.Writer, shell Shell, s AppSetup) error {
	s.Name, s.Issuer, s.Subject = clean(s.Name), clean(s.Issuer), clean(s.Subject)
	var b strings.Builder
	s.preface(&b)
	if shell == PowerShell {
		s.powerShell(&b)
	} else {
		s.azureCLI(&b)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the setup: %w", err)
	}
	return nil
}

func (s AppSetup) preface(b *strings.Builder) {
	fmt.Fprintf(b, "# Makes an app for authseed, with the least permissions for: %s.\n", featureWords(s.Features))
	b.WriteString("# To be run by a Global Administrator or a Privileged Role Administrator: giving\n# the permissions is the consent for the whole tenant.\n")
	for _, p := range s.Permissions {
		if strings.Contains(p.Name, "ReadWrite") {
			b.WriteString("# It can write everybody's authentication methods. Whoever has its key can take over\n# any account: keep it as you keep a Global Administrator's.\n")
			break
		}
	}
	b.WriteByte('\n')
}

// posix quotes for a POSIX shell, in which nothing is special between single
// quotes but their end.
func posix(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// powershell quotes for PowerShell, which takes four more characters for single
// quotes (learn.microsoft.com, "about_Quoting_Rules").
func powershell(text string) string {
	return "'" + strings.NewReplacer("'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b").Replace(text) + "'"
}

func (s AppSetup) azureCLI(b *strings.Builder) {
	cloud, _, root := s.places()
	fmt.Fprintf(b, "set -eu\naz cloud set --name %s\naz login --allow-no-subscriptions --output none\n\n", cloud)
	fmt.Fprintf(b, "app=$(az ad app create --display-name %s --sign-in-audience AzureADMyOrg --query appId --output tsv)\n", posix(s.Name))
	b.WriteString("sp=$(az ad sp create --id \"$app\" --query id --output tsv)\n")
	fmt.Fprintf(b, "graph=$(az ad sp show --id %s --query id --output tsv)\n\n", graphApp)
	b.WriteString("grant() { # names it in the app, and consents to it\n")
	fmt.Fprintf(b, "  az ad app permission add --id \"$app\" --api %s --api-permissions \"$1=Role\" --only-show-errors\n", graphApp)
	fmt.Fprintf(b, "  az rest --method post --url \"%s/v1.0/servicePrincipals/$sp/appRoleAssignments\" \\\n", root)
	b.WriteString("    --headers Content-Type=application/json --output none \\\n")
	b.WriteString("    --body \"{\\\"principalId\\\":\\\"$sp\\\",\\\"resourceId\\\":\\\"$graph\\\",\\\"appRoleId\\\":\\\"$1\\\"}\"\n}\n")
	for _, p := range s.Permissions {
		fmt.Fprintf(b, "grant %s # %s\n", p.ID, p.Name)
	}
	b.WriteByte('\n')
	if s.Issuer != "" {
		fmt.Fprintf(b, "az ad app federated-credential create --id \"$app\" --output none --parameters %s\n\n", posix(s.federation()))
	} else {
		b.WriteString("# A certificate for a year, its key with it in a file that only you may read.\n")
		b.WriteString("AZURE_CLIENT_CERTIFICATE_PATH=$(az ad app credential reset --id \"$app\" --create-cert --append \\\n")
		b.WriteString("  --query fileWithCertAndPrivateKey --output tsv --only-show-errors)\n\n")
	}
	b.WriteString("# What authseed is told:\n")
	b.WriteString("echo \"export AZURE_TENANT_ID=$(az account show --query tenantId --output tsv)\"\n")
	b.WriteString("echo \"export AZURE_CLIENT_ID=$app\"\n")
	if s.Issuer == "" {
		b.WriteString("echo \"export AZURE_CLIENT_CERTIFICATE_PATH='$AZURE_CLIENT_CERTIFICATE_PATH'\"\n")
	}
	fmt.Fprintf(b, "echo %s\n", posix(s.checked()))
}

// federation is the credential as Graph takes it.
func (s AppSetup) federation() string {
	text, err := json.Marshal(struct {
		Name      string   `json:"name"`
		Issuer    string   `json:"issuer"`
		Subject   string   `json:"subject"`
		Audiences []string `json:"audiences"`
	}{"authseed", s.Issuer, s.Subject, []string{s.tokenExchange()}})
	if err != nil {
		panic("encoding strings: " + err.Error())
	}
	return string(text)
}

// checked is the command that shows that the app works.
func (s AppSetup) checked() string {
	auth := "certificate"
	if s.Issuer != "" {
		auth = "workload-identity"
	}
	line := "authseed doctor --auth " + auth
	if s.Cloud != "" && s.Cloud != "global" {
		line += " --cloud " + s.Cloud
	}
	return line + " --for " + strings.ReplaceAll(featureWords(s.Features), ", ", ",")
}

func (s AppSetup) powerShell(b *strings.Builder) {
	_, environment, _ := s.places()
	b.WriteString("$ErrorActionPreference = 'Stop'\nImport-Module Microsoft.Graph.Applications\n")
	fmt.Fprintf(b, "Connect-MgGraph -NoWelcome -Environment %s -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'\n\n", environment)
	b.WriteString("$roles = @(\n")
	for _, p := range s.Permissions {
		fmt.Fprintf(b, "    '%s' # %s\n", p.ID, p.Name)
	}
	b.WriteString(")\n$access = @{\n")
	fmt.Fprintf(b, "    ResourceAppId  = '%s'\n", graphApp)
	b.WriteString("    ResourceAccess = @($roles | ForEach-Object { @{ Id = $_; Type = 'Role' } })\n}\n")
	fmt.Fprintf(b, "$app = New-MgApplication -DisplayName %s -SignInAudience AzureADMyOrg -RequiredResourceAccess @($access)\n", powershell(s.Name))
	b.WriteString("$sp = New-MgServicePrincipal -AppId $app.AppId\n")
	fmt.Fprintf(b, "$graph = Get-MgServicePrincipal -Filter \"appId eq '%s'\"\n", graphApp)
	b.WriteString("foreach ($role in $roles) {\n")
	b.WriteString("    New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $sp.Id -PrincipalId $sp.Id -ResourceId $graph.Id -AppRoleId $role | Out-Null\n}\n\n")
	if s.Issuer != "" {
		fmt.Fprintf(b, "New-MgApplicationFederatedIdentityCredential -ApplicationId $app.Id -BodyParameter @{\n    Name      = 'authseed'\n    Issuer    = %s\n    Subject   = %s\n    Audiences = @(%s)\n} | Out-Null\n\n",
			powershell(s.Issuer), powershell(s.Subject), powershell(s.tokenExchange()))
	} else {
		b.WriteString(powerShellCertificate)
	}
	b.WriteString("# What authseed is told:\n")
	b.WriteString("\"`$env:AZURE_TENANT_ID = '$((Get-MgContext).TenantId)'\"\n\"`$env:AZURE_CLIENT_ID = '$($app.AppId)'\"\n")
	if s.Issuer == "" {
		b.WriteString("\"`$env:AZURE_CLIENT_CERTIFICATE_PATH = '$file'\"\n'$env:AZURE_CLIENT_CERTIFICATE_PASSWORD = ... # the one you typed'\n")
	}
	fmt.Fprintf(b, "%s\n", powershell(s.checked()))
}

// powerShellCertificate makes a certificate with what Windows has.
const powerShellCertificate = `# A certificate for a year, its key with it in a file that a password locks.
$certificate = New-SelfSignedCertificate -Subject 'CN=authseed' -CertStoreLocation Cert:\CurrentUser\My -KeyExportPolicy Exportable -KeySpec Signature -KeyLength 3072 -NotAfter (Get-Date).AddYears(1)
$file = Join-Path (Get-Location) 'authseed.pfx'
Export-PfxCertificate -Cert $certificate -FilePath $file -Password (Read-Host -AsSecureString 'Password for authseed.pfx') | Out-Null
Update-MgApplication -ApplicationId $app.Id -KeyCredentials @(@{ Type = 'AsymmetricX509Cert'; Usage = 'Verify'; Key = $certificate.RawData; DisplayName = 'authseed' })

`
