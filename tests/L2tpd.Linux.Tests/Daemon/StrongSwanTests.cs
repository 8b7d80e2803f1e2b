using System.Diagnostics;
using System.Text;
using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Connections;
using L2tpd.Ipsec.Vici;
using L2tpd.Runtime.Ipsec;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The client of VICI against charon-systemd itself, two of them in network namespaces that see each other.</summary>
public sealed class StrongSwanTests : IStrongSwanObserver, IDisposable
{
    private const string Here = "vici-here";
    private const string There = "vici-there";

    private readonly LoopRig _rig = new();
    private readonly List<string> _seen = [];
    private readonly List<IDisposable> _open = [];

    private int Reached => _seen.Count(line => line == "reached");

    void IStrongSwanObserver.OnReached() => _seen.Add("reached");

    void IStrongSwanObserver.OnLost(string why) => _seen.Add("lost: " + why);

    void IStrongSwanObserver.OnNotLoaded(string connection, string why) => _seen.Add($"{connection} not loaded: {why}");

    void IStrongSwanObserver.OnPeerFailed(string peer, string why) => _seen.Add($"{peer} failed: {why}");

    void IStrongSwanObserver.OnStarted(SecurityAssociation association) => _seen.Add("started");

    void IStrongSwanObserver.OnEnded(SecurityAssociation association, bool isLost) => _seen.Add("ended");

    [Fact]
    public void Connections_are_loaded_and_loaded_again_when_charon_was_killed()
    {
        if (!Charon.IsInstalled)
            return;
        MakeNetworks();
        var charon = Add(new Charon(Here));
        var swan = Add(Make(charon));
        swan.Connections.Load(Answering("right"));
        swan.Start();
        _rig.RunUntil(() => Reached == 1, "a connection");
        _rig.RunUntil(() => List(charon) is ["l2tpd-answer"], "the load");

        charon.Kill();
        _rig.RunUntil(() => _seen[^1].StartsWith("lost: ", StringComparison.Ordinal), "the loss");
        Assert.Equal("lost: strongSwan has closed the connection", _seen[^1]);
        charon.Start();
        _rig.RunUntil(() => Reached == 2, "the second connection");
        _rig.RunUntil(() => List(charon) is ["l2tpd-answer"], "the second load");
        // charon may have loaded the connection and died before its answer was read: that is told too.
        Assert.Equal(
            ["reached", "lost: strongSwan has closed the connection", "reached"],
            _seen.Where(static line => !line.Contains(" not loaded: ", StringComparison.Ordinal)).TakeLast(3));

        swan.Connections.Unload("l2tpd-answer");
        _rig.RunUntil(() => List(charon).Count == 0, "an unload");
    }

    [Fact]
    public void What_an_earlier_daemon_left_is_unloaded_and_what_is_not_ours_stays()
    {
        if (!Charon.IsInstalled)
            return;
        MakeNetworks();
        var charon = Add(new Charon(Here));
        var first = Make(charon);
        first.Connections.Load(Answering("right"));
        first.Connections.Load(Answering("right") with { Name = "of-the-operator" });
        first.Start();
        _rig.RunUntil(() => Reached == 1 && List(charon).Count == 2, "the first daemon's connections");
        first.Dispose();
        var second = Add(Make(charon));
        second.Start();
        _rig.RunUntil(() => Reached == 2 && List(charon).Count == 1, "the clean-up");
        Assert.Equal(["of-the-operator"], List(charon));
    }

    [Theory]
    [InlineData("wrong", "aes256-sha256-modp2048", "10.254.0.2", "the pre-shared keys of the two ends differ",
        "10.254.0.1 failed: the pre-shared keys of the two ends differ")]
    [InlineData("right", "aes128-sha1-modp1536", "10.254.0.2", "the two ends have no proposal in common",
        "10.254.0.1 failed: the two ends have no proposal in common")]
    [InlineData("right", "aes256-sha256-modp2048", "10.254.0.9", "the peer does not answer", null)]
    [InlineData("right", "aes256-sha256-modp2048", "10.254.0.2", "the kernel refuses the security association", null)]
    public void A_failed_initiation_says_why_at_both_ends(string psk, string proposal, string remote, string expected, string? there)
    {
        if (!Charon.IsInstalled || (expected.StartsWith("the kernel", StringComparison.Ordinal) && Directory.Exists("/sys/module/esp4")))
            return;
        MakeNetworks();
        Charon charonHere = Add(new Charon(Here)), charonThere = Add(new Charon(There));
        StrongSwan dialling = Add(Make(charonHere)), answering = Add(Make(charonThere));
        answering.Connections.Load(Answering("right"));
        dialling.Connections.Load(Dialling(psk, remote) with { IkeProposals = [proposal] });
        dialling.Start();
        answering.Start();
        _rig.RunUntil(() => Reached == 2 && List(charonHere).Count == 1 && List(charonThere).Count == 1, "both ends");

        string? error = null;
        dialling.Initiate("l2tpd-dial", TimeSpan.FromSeconds(10), e => error = e ?? "none");
        _rig.RunUntil(() => error is not null, "the end of the initiation");
        Assert.True(error!.StartsWith(expected, StringComparison.Ordinal), $"{error}\n{charonHere.Log}\n{charonThere.Log}");
        if (there is not null)
            _rig.RunUntil(() => _seen.Any(line => line.StartsWith(there, StringComparison.Ordinal)), "the other end's reason");
    }

    [Fact]
    public void Without_strongswan_the_loss_is_told_once_and_an_initiation_fails_in_words()
    {
        var swan = Add(new StrongSwan("/nonexistent/vici", Loop(), this));
        swan.Start();
        string? error = null;
        swan.Initiate("l2tpd-dial", TimeSpan.FromSeconds(1), e => error = e);
        Assert.Equal("cannot connect to /nonexistent/vici: ENOENT (No such file or directory)", error);
        for (var i = 0; i < 30; i++)
            _rig.Turn();
        Assert.Equal(["lost: " + error], _seen);
    }

    public void Dispose()
    {
        foreach (var open in Enumerable.Reverse(_open))
            open.Dispose();
        _rig.Dispose();
        Ip($"netns del {Here}", mayFail: true);
        Ip($"netns del {There}", mayFail: true);
    }

    private static IkeConnection Answering(string psk) => new()
    {
        Name = "l2tpd-answer",
        LocalSelector = "udp/1701",
        RemoteSelector = "udp/any",
        Psk = Encoding.UTF8.GetBytes(psk),
        IkeProposals = ["aes256-sha256-modp2048"],
    };

    private static IkeConnection Dialling(string psk, string remote) => new()
    {
        Name = "l2tpd-dial",
        RemoteAddress = remote,
        LocalSelector = "udp/1701",
        RemoteSelector = "udp/1701",
        Psk = Encoding.UTF8.GetBytes(psk),
    };

    private static void MakeNetworks()
    {
        Ip($"netns del {Here}", mayFail: true);
        Ip($"netns del {There}", mayFail: true);
        Ip($"netns add {Here}");
        Ip($"netns add {There}");
        Ip($"link add e netns {Here} type veth peer name e netns {There}");
        foreach (var (name, address) in new[] { (Here, "10.254.0.1/24"), (There, "10.254.0.2/24") })
        {
            Ip($"-n {name} addr add {address} dev e");
            Ip($"-n {name} link set e up");
            Ip($"-n {name} link set lo up");
        }
    }

    private static int Ip(string arguments, bool mayFail = false)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(mayFail || process.ExitCode == 0, $"ip {arguments}: {error}");
        return process.ExitCode;
    }

    private StrongSwan Make(Charon charon) => new(charon.Socket, Loop(), this);

    private ViciLoop Loop() => new(_rig.Events, _rig.Timers, _rig.Faults, new Engine.BufferedRandomSource(new ZeroRandom()));

    private List<string> List(Charon charon)
    {
        ViciResult? result = null;
        using var connection = new ViciConnection(charon.Socket, Loop(), [], new Silent(), isKept: false);
        connection.Open();
        connection.Request("get-conns", new ViciSection(), TimeSpan.FromSeconds(5), r => result = r);
        _rig.RunUntil(() => result is not null, "get-conns");
        return [.. result!.Value.Response.Items("conns").Order(StringComparer.Ordinal)];
    }

    private T Add<T>(T part)
        where T : IDisposable
    {
        _open.Add(part);
        return part;
    }

    private sealed class Silent : IViciConnectionObserver
    {
        public void OnReady()
        {
        }

        public void OnEvent(in ViciPacket packet)
        {
        }

        public void OnDown(string why)
        {
        }
    }

    private sealed class ZeroRandom : Engine.IRandomSource
    {
        public void Fill(Span<byte> destination) => destination.Clear();
    }
}
