# Print what decides whether Sysprep works here and whether a copy of this system sets itself up:
# facts alone, which cvmimg judges. Read-only. Prints triples (kind, subject, value), each ended by
# NUL, as one word of base64: values of the registry, how services start, and whether keys and
# programs exist; never the content of a file.
# Parameter: services, the names of services, separated by commas.
$ErrorActionPreference = 'SilentlyContinue'
$ProgressPreference = 'SilentlyContinue'
$answer = New-Object System.Text.StringBuilder

function Add-Record([string]$kind, [string]$subject, [string]$value) {
    [void]$answer.Append($kind + [char]0 + $subject + [char]0 + $value + [char]0)
}

# Nothing is added for what the system does not have.
function Add-Fact([string]$kind, [string]$subject, $value) {
    if ($null -ne $value) { Add-Record "observed:$kind" $subject $value }
}

function Get-Value([string]$path, [string]$name) {
    $item = Get-ItemProperty -Path $path -Name $name
    if ($null -ne $item) { $item.$name }
}

function Get-Object([string]$class) {
    if (Get-Command Get-CimInstance) { Get-CimInstance -ClassName $class }
    else { Get-WmiObject -Class $class }
}

function Read-Values {
    $status = 'HKLM:\SYSTEM\Setup\Status\SysprepStatus'
    $control = 'HKLM:\SYSTEM\CurrentControlSet\Control'
    Add-Fact 'registry-value' 'GeneralizationState' (Get-Value $status 'GeneralizationState')
    Add-Fact 'registry-value' 'CleanupState' (Get-Value $status 'CleanupState')
    Add-Fact 'registry-value' 'ActiveComputerName' (Get-Value "$control\ComputerName\ActiveComputerName" 'ComputerName')
    Add-Fact 'registry-value' 'ComputerName' (Get-Value "$control\ComputerName\ComputerName" 'ComputerName')
    # Its value is a list of files: only their number.
    $renamed = @(Get-Value "$control\Session Manager" 'PendingFileRenameOperations')
    Add-Fact 'registry-value' 'PendingFileRenameOperations' $renamed.Count
}

function Read-Keys {
    $current = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'
    $keys = @(
        'HKLM:\SYSTEM\Setup\Upgrade',
        "$current\Component Based Servicing\RebootPending",
        "$current\WindowsUpdate\Auto Update\RebootRequired"
    )
    foreach ($key in $keys) { Add-Fact 'registry-key' (Split-Path $key -Leaf) (Test-Path $key) }
}

# How a service starts: 2 automatically, 3 on demand, 4 never.
function Read-Services {
    foreach ($service in '{{services}}'.Split(',')) {
        Add-Fact 'service' $service (Get-Value "HKLM:\SYSTEM\CurrentControlSet\Services\$service" 'Start')
    }
}

function Read-Programs {
    Add-Fact 'program' 'sysprep.exe' (Test-Path "$env:SystemRoot\System32\Sysprep\sysprep.exe")
    $command = Get-Value 'HKLM:\SYSTEM\CurrentControlSet\Services\cloudbase-init' 'ImagePath'
    if ("$command" -match '^"?(.+?\.exe)') {
        $path = [Environment]::ExpandEnvironmentVariables($Matches[1])
        Add-Fact 'program' 'cloudbase-init' (Test-Path -LiteralPath $path)
    }
}

function Read-System {
    Add-Fact 'system-value' 'RearmCount' (Get-Object 'SoftwareLicensingService').RemainingWindowsReArmCount
    Add-Fact 'system-value' 'DomainRole' (Get-Object 'Win32_ComputerSystem').DomainRole
}

Add-Record 'system:kernel' '' 'Windows'
Read-Values
Read-Keys
Read-Services
Read-Programs
Read-System
Add-Record 'end' '' ''
$bytes = [Text.Encoding]::UTF8.GetBytes($answer.ToString())
Write-Output ''
Write-Output 'cvmimg-begin'
Write-Output ('base64:' + [Convert]::ToBase64String($bytes))
Write-Output 'cvmimg-end'
Write-Output ''
