# Read what decides whether Sysprep works here and whether a copy of this system sets itself up.
# Read-only. Prints triples (kind, subject, value), each ended by NUL, as one word of base64; names
# and states only, never the content of a file.
$ErrorActionPreference = 'SilentlyContinue'
$ProgressPreference = 'SilentlyContinue'
$answer = New-Object System.Text.StringBuilder

function Add-Record([string]$kind, [string]$subject, [string]$value) {
    [void]$answer.Append($kind + [char]0 + $subject + [char]0 + $value + [char]0)
}

function Add-Observed([string]$kind, [string]$subject, [string]$value) {
    Add-Record "observed:$kind" $subject $value
}

function Get-Value([string]$path, [string]$name) {
    $item = Get-ItemProperty -Path $path -Name $name
    if ($null -ne $item) { $item.$name }
}

function Get-Object([string]$class) {
    if (Get-Command Get-CimInstance) { Get-CimInstance -ClassName $class }
    else { Get-WmiObject -Class $class }
}

# How a service starts: 2 automatically, 3 on demand, 4 never; nothing if it does not exist.
function Get-Start([string]$service) {
    Get-Value "HKLM:\SYSTEM\CurrentControlSet\Services\$service" 'Start'
}

function Read-Sysprep {
    $status = 'HKLM:\SYSTEM\Setup\Status\SysprepStatus'
    $state = Get-Value $status 'GeneralizationState'
    if ($null -ne $state -and $state -ne 7) { Add-Observed 'sysprep-state' 'GeneralizationState' $state }
    $cleanup = Get-Value $status 'CleanupState'
    if ($null -ne $cleanup -and $cleanup -ne 2) { Add-Observed 'sysprep-state' 'CleanupState' $cleanup }
    if (-not (Test-Path "$env:SystemRoot\System32\Sysprep\sysprep.exe")) {
        Add-Observed 'sysprep-state' 'sysprep.exe is missing'
    }
    if (Test-Path 'HKLM:\SYSTEM\Setup\Upgrade') { Add-Observed 'sysprep-state' 'upgraded from an older Windows' }
    $rearm = (Get-Object 'SoftwareLicensingService').RemainingWindowsReArmCount
    if ($null -ne $rearm -and $rearm -lt 1) { Add-Observed 'sysprep-state' 'no rearm of the activation is left' }
    $role = (Get-Object 'Win32_ComputerSystem').DomainRole
    if ($null -ne $role -and $role -ge 4) { Add-Observed 'sysprep-state' 'domain controller' }
    foreach ($service in 'sppsvc', 'CryptSvc', 'TrustedInstaller', 'MSDTC', 'AppXSvc', 'StateRepository') {
        if ((Get-Start $service) -eq 4) { Add-Observed 'sysprep-service' $service 'disabled' }
    }
}

function Read-Reboot {
    $current = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'
    if (Test-Path "$current\Component Based Servicing\RebootPending") {
        Add-Observed 'windows-reboot' 'component servicing'
    }
    if (Test-Path "$current\WindowsUpdate\Auto Update\RebootRequired") {
        Add-Observed 'windows-reboot' 'Windows Update'
    }
    if (Get-Value 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager' 'PendingFileRenameOperations') {
        Add-Observed 'windows-reboot' 'files to be replaced'
    }
    $names = 'HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName'
    if ((Get-Value "$names\ActiveComputerName" 'ComputerName') -ne (Get-Value "$names\ComputerName" 'ComputerName')) {
        Add-Observed 'windows-reboot' 'computer name'
    }
}

function Read-CloudbaseInit {
    $start = Get-Start 'cloudbase-init'
    if ($null -eq $start) { return }
    Add-Observed 'cloudbase-init' 'cloudbase-init' $start
    $command = Get-Value 'HKLM:\SYSTEM\CurrentControlSet\Services\cloudbase-init' 'ImagePath'
    $program = if ($command -match '^"([^"]+)"') { $Matches[1] } else { ("$command" -split ' ')[0] }
    $program = [Environment]::ExpandEnvironmentVariables($program)
    if (-not (Test-Path -LiteralPath $program)) { Add-Observed 'cloudbase-init-broken' 'its program is missing' }
    if ($start -eq 4) { Add-Observed 'cloudbase-init-broken' 'its service is disabled' }
}

function Read-Antivirus {
    $products = @{
        'ZhuDongFangYu' = '360 Total Security'; 'QQPCRTP' = 'Tencent PC Manager'
        'HipsDaemon' = 'Huorong'; 'SafeDogGuardCenter' = 'Safedog'; 'YunSuoAgent' = 'Yunsuo'
        'YunSuoDaemon' = 'Yunsuo'; 'D_Safe' = 'D Safe'; 'kxescore' = 'Kingsoft'
        'McShield' = 'McAfee'; 'SepMasterService' = 'Symantec'; 'ntrtscan' = 'Trend Micro'
        'ekrn' = 'ESET'; 'avp' = 'Kaspersky'
    }
    foreach ($service in $products.Keys) {
        $start = Get-Start $service
        if ($null -ne $start -and $start -ne 4) { Add-Observed 'antivirus' $products[$service] $service }
    }
}

Add-Record 'system:kernel' '' 'Windows'
Read-Sysprep
Read-Reboot
Read-CloudbaseInit
Read-Antivirus
Add-Record 'end' '' ''
$bytes = [Text.Encoding]::UTF8.GetBytes($answer.ToString())
Write-Output ''
Write-Output 'cvmimg-begin'
Write-Output ('base64:' + [Convert]::ToBase64String($bytes))
Write-Output 'cvmimg-end'
Write-Output ''
