# Registers the task of authseed.xml. Run it once, as administrator, in Windows
# PowerShell 5.1 or later, in the folder of this file.
#
# CONTOSO\svc-authseed$ is a group managed service account: Windows keeps and changes
# its password, and nobody types it. It needs the right to log on as a batch job.
# Its certificate's file is readable by it alone.
#Requires -RunAsAdministrator
$ErrorActionPreference = 'Stop'
$account = 'CONTOSO\svc-authseed$'
$folder = 'C:\ProgramData\authseed'

New-Item -ItemType Directory -Force -Path $folder | Out-Null
icacls $folder /inheritance:r /grant:r "${account}:(OI)(CI)M" 'SYSTEM:(OI)(CI)F' 'Administrators:(OI)(CI)F'
if ($LASTEXITCODE -ne 0) { throw "icacls ended with $LASTEXITCODE" }

# The task has no variables of its own: these are the machine's.
[Environment]::SetEnvironmentVariable('AUTHSEED_AUTH', 'certificate', 'Machine')
[Environment]::SetEnvironmentVariable('AUTHSEED_STATE_DIR', "$folder\state", 'Machine')
[Environment]::SetEnvironmentVariable('AZURE_TENANT_ID', '00000000-0000-0000-0000-000000000000', 'Machine')
[Environment]::SetEnvironmentVariable('AZURE_CLIENT_ID', '00000000-0000-0000-0000-000000000000', 'Machine')
[Environment]::SetEnvironmentVariable('AZURE_CLIENT_CERTIFICATE_PATH', "$folder\certificate.pem", 'Machine')

$xml = Get-Content -Raw -Encoding UTF8 -Path "$PSScriptRoot\authseed.xml"
# Handed over as text, which is UTF-16 here: the declaration must not say otherwise.
$xml = $xml -replace '^<\?xml[^>]*\?>\s*', ''
Register-ScheduledTask -TaskPath '\Contoso\' -TaskName 'authseed' -Xml $xml -Force

# What the last run ended with; 0 is well, 267009 is still running.
(Get-ScheduledTaskInfo -TaskPath '\Contoso\' -TaskName 'authseed').LastTaskResult
