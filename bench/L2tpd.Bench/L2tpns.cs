namespace L2tpd.Bench;

/// <summary>Debian's l2tpns as LNS of the benchmark's subscribers: what it is to be started with.</summary>
internal static class L2tpns
{
    /// <summary>The port on 127.0.0.1 that it asks, by RADIUS, who a subscriber is.</summary>
    public const int RadiusPort = 1_812;

    /// <summary>What it shares with <see cref="RadiusResponder"/>.</summary>
    public const string RadiusSecret = "bench";

    // IPv4, UDP, L2TP with its length, and PPP with address and control: what it takes off l2tp_mtu for the MRU, from which its TCP clamp
    // follows.
    private const int Headers = 20 + 8 + 6 + 4;

    /// <summary>
    /// Writes what it reads into a directory, and a script that runs it there: no option says where its address pool is, that is always
    /// /etc/l2tpns/ip_pool. So the directory covers all of /etc, in the mount namespace that `ip netns exec` makes.
    /// </summary>
    /// <param name="program">The executable.</param>
    /// <param name="directory">Its /etc; made here.</param>
    /// <param name="listen">The address for L2TP.</param>
    /// <param name="local">Its own address towards the subscribers, of its TUN interface too.</param>
    /// <param name="mtu">Of the subscribers' packets.</param>
    /// <returns>The script.</returns>
    public static string Prepare(string program, string directory, string listen, string local, int mtu)
    {
        var files = Directory.CreateDirectory(Path.Combine(directory, "l2tpns")).FullName;
        File.WriteAllText(Path.Combine(files, "users"), "");
        File.WriteAllText(Path.Combine(files, "ip_pool"), "10.9.0.0/16\n");
        // It waits for a master of its cluster as long as hb_timeout says (in 0.1 s) before it takes a tunnel.
        File.WriteAllText(Path.Combine(files, "startup-config"), $"""
            set debug 0
            set log_file "{files}/log"
            set bind_address {listen}
            set iftun_address {local}
            set peer_address {local}
            set l2tp_mtu {mtu + Headers}
            set primary_radius 127.0.0.1
            set primary_radius_port {RadiusPort}
            set radius_secret "{RadiusSecret}"
            set radius_authtypes "chap"
            set cluster_interface "lo"
            set cluster_hb_interval 2
            set cluster_hb_timeout 10
            set send_garp no

            """);
        var script = Path.Combine(files, "run");
        File.WriteAllText(script, $"mount --bind {directory} /etc\nexec {program} -c /etc/l2tpns/startup-config\n");
        return script;
    }
}
