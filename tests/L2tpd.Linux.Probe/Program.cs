using L2tpd.Linux.Probe;

// Tests L2tpd.Linux on a kernel that has L2TP and PPP. A program, because a test project takes a minute to start in the VM.
// Prints one line per check. Exit status 0 if none failed.
var checks = new Checks();
checks.Run("capabilities", KernelChecks.Capabilities);
foreach (var version in new[] { 2, 3 })
{
    foreach (var address in new[] { "127.0.0.1", "::1" })
    {
        checks.Run(
            $"managed tunnel v{version} over {address}: netlink, PPPoL2TP, statistics, frames through /dev/ppp",
            () => PppChecks.ManagedTunnel(version, address));
    }
}

checks.Run("session made by connect alone (no netlink session)", PppChecks.ConnectMakesSession);
checks.Run("errors of the kernel", KernelChecks.Errors);
checks.Run("an id just deleted can soon be created again", KernelChecks.DeletedIds);
checks.Run("closing the socket ends the tunnel", KernelChecks.CloseEndsTunnel);
checks.Run("events", KernelChecks.Events);
checks.Run("static Ethernet pseudowires over UDP and IP, IPv4 and IPv6", EthernetChecks.StaticPseudowires);
checks.Run("L2TP/IP control sockets", IpChecks.ControlSockets);
return checks.Report();
