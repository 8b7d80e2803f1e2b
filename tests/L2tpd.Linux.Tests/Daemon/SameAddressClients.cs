using System.Collections.Immutable;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// A server with two interfaces, and the same client address behind each, as two clients behind one NAT have it in transport mode. Answers
/// with mark 1 go to the first, those with mark 2 to the second, and those without a mark to the first. Needs root.
/// </summary>
internal sealed class SameAddressClients : IDisposable
{
    public const string Us = "10.9.0.2", Nat = "198.51.100.1";

    private static int _count;
    private readonly string _prefix = $"l2tpd-{Environment.ProcessId}-z{Interlocked.Increment(ref _count)}";

    public SameAddressClients()
    {
        foreach (var name in Names.Add(Server))
            NamespacePair.Run($"ip netns add {name}; ip -n {name} link set lo up");
        NamespacePair.Run($"ip netns exec {Server} sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0; "
            + $"ip -n {Server} addr add {Us}/32 dev lo");
        for (var number = 1; number <= 2; number++)
        {
            var client = Names[number - 1];
            NamespacePair.Run(
                $"ip link add v{number} netns {Server} address 02:00:00:00:01:0{number} type veth peer name up0 netns {client}; "
                + $"ip -n {Server} link set v{number} up; ip -n {client} link set up0 address 02:00:00:00:00:01; "
                + $"ip -n {client} addr add {Nat}/24 dev up0; ip -n {client} link set up0 up; ip -n {client} route add {Us} dev up0; "
                + $"ip -n {client} neigh replace {Us} lladdr 02:00:00:00:01:0{number} dev up0; "
                + $"ip -n {Server} rule add fwmark {number} lookup {100 + number}; "
                + $"ip -n {Server} route add 198.51.100.0/24 dev v{number} table {100 + number}; "
                + $"ip -n {Server} neigh replace {Nat} lladdr 02:00:00:00:00:01 dev v{number}");
        }

        // The way without a mark, which the answers must not take.
        NamespacePair.Run($"ip -n {Server} route add 198.51.100.0/24 dev v1");
    }

    public string Server => _prefix + "s";

    public ImmutableArray<string> Names => [_prefix + "a", _prefix + "b"];

    /// <summary>Rules that give what comes by an interface its mark, in place of the marks of security associations.</summary>
    public static string Marks(int marked = 2) => string.Join(
        "\n  ", Enumerable.Range(1, marked).Select(static number => $"iifname \"v{number}\" meta mark set {number}"));

    /// <summary>Loads rules at the server.</summary>
    public void Nft(string script)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, script);
        NamespacePair.Run($"ip netns exec {Server} nft -f {file}; rm {file}");
    }

    public void Dispose()
    {
        foreach (var name in Names.Add(Server))
            NamespacePair.Run($"ip netns del {name}");
    }
}
