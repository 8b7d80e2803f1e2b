using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using L2tpd.Configuration;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Avps;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>Every file of ours in config/ is valid and does what its comments say. Files of Prometheus have tests of their own.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string> Files() => [.. Directory
        .GetFiles(Path.Combine(RepositoryFiles.Root, "config"), "*.yaml", SearchOption.AllDirectories)
        .Where(static file => !file.Contains("/prometheus/", StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(RepositoryFiles.Root, file))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Loads_without_errors_or_warnings(string file) => Assert.NotNull(Load(file));

    [Theory]
    [InlineData("lac-client")]
    [InlineData("lac-on-traffic")]
    [InlineData("lac-multi-lns")]
    [InlineData("lns-vpn-concentrator")]
    [InlineData("isp-lns")]
    [InlineData("isp-lns-radius")]
    [InlineData("lac-radius")]
    [InlineData("outgoing-calls")]
    [InlineData("ipv6")]
    [InlineData("null-lns")]
    [InlineData("null-lns-v3")]
    [InlineData("built-in-lns")]
    [InlineData("site-a-ethernet")]
    [InlineData("site-b-ethernet")]
    [InlineData("lac-v3-fallback")]
    [InlineData("static-ethernet")]
    [InlineData("userspace-site")]
    public void Every_kind_of_user_has_one(string name) =>
        Assert.True(File.Exists(Path.Combine(RepositoryFiles.Root, "config/examples", name + ".yaml")));

    [Theory]
    [InlineData("lac-client", 9)]
    [InlineData("lns-vpn-concentrator", 19)]
    [InlineData("site-a-ethernet", 14)]
    [InlineData("site-b-ethernet", 14)]
    public void Is_short(string name, int atMost) => Assert.InRange(
        RepositoryFiles.Text($"config/examples/{name}.yaml").Split('\n')
            .Count(line => line.Trim().Length > 0 && !line.TrimStart().StartsWith('#')),
        1, atMost);

    private static readonly string[] ReadmeFiles =
        [.. Regex.Matches(RepositoryFiles.Text("README.md"), "^```yaml\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(static match => match.Groups[1].Value)];

    public static TheoryData<string> Readme() => [.. ReadmeFiles];

    [Theory]
    [MemberData(nameof(Readme))]
    public void Readme_is_short_and_right(string text)
    {
        Assert.InRange(text.Split('\n').Length - 1, 1, 19);
        var configuration = TemporaryConfiguration.Good(text);
        // The built-in PPP needs no other file to authenticate its peers; pppd would.
        Assert.DoesNotContain(configuration.PppProfiles.Values, static profile =>
            profile is { Backend: PppBackend.Pppd, Authentication.IsEmpty: false });
    }

    [Fact]
    public void Readmes_client_can_come_in_to_its_server()
    {
        var read = ReadmeFiles.Select(TemporaryConfiguration.Good).ToArray();
        var server = Assert.Single(read[0].PppProfiles).Value;
        var client = Assert.Single(read[1].PppProfiles).Value;
        Assert.Equal(read[1].Engine.Tunnels[0].Peer.Secret, read[0].Engine.Peers[0].Secret);
        Assert.Contains(server.Users, user => user.Client == client.User && user.Secret == client.Password!.RevealText());
    }

    [Fact]
    public void Lac_client_dials_one_session()
    {
        var configuration = Load("config/examples/lac-client.yaml");
        var tunnel = Assert.Single(configuration.Engine.Tunnels);
        Assert.Equal("office", tunnel.Name);
        Assert.Equal([new RemoteHost("vpn.example.net")], tunnel.Remotes.ToArray());
        Assert.Equal("tunnel-secret"u8.ToArray(), tunnel.Peer.Secret);
        Assert.False(tunnel.Peer.AcceptIncomingCalls);
        var session = Assert.Single(tunnel.Sessions);
        Assert.Equal("alice", configuration.PppProfiles[session.Session.Ppp!].User);
        Assert.Empty(configuration.Listeners);
    }

    [Fact]
    public void Null_lns_is_what_load_generators_expect()
    {
        var configuration = Load("config/examples/null-lns.yaml");
        Assert.Equal([new Listener(IPAddress.Loopback, 1701)], configuration.Listeners.ToArray());
        Assert.Equal(DataPlaneChoice.Null, configuration.DataPlane);
        Assert.Equal(LogLevelChoice.Warning, configuration.Log.Level);
        Assert.Empty(configuration.PppProfiles);
        var peer = Assert.Single(configuration.Engine.Peers);
        Assert.Empty(peer.Prefixes);
        Assert.Null(peer.HostNamePattern);
        Assert.Equal("test", Encoding.UTF8.GetString(peer.Secret!));
        Assert.True(peer.Challenge);
        Assert.False(peer.HideAvps);
        Assert.True(peer.AcceptIncomingCalls);
        Assert.Null(peer.Session.Ppp);
        Assert.Equal(int.MaxValue, peer.MaxTunnels);
        Assert.Equal(65_535, peer.MaxSessionsPerTunnel);
        Assert.Equal(
            new EngineLimits
            {
                MaxTunnels = 65_535, MaxSessions = 100_000_000, MaxHalfOpen = 65_535, MaxHalfOpenPerSource = 65_535,
                SccrqRatePerSource = 1_000_000, SccrqBurstPerSource = 1_000_000,
            },
            configuration.Engine.Limits);
    }

    [Fact]
    public void Null_lns_v3_takes_both_versions_and_any_pseudowire()
    {
        var configuration = Load("config/examples/null-lns-v3.yaml");
        Assert.Equal([new Listener(IPAddress.Loopback, 1701)], configuration.Listeners.ToArray());
        Assert.Equal(DataPlaneChoice.Null, configuration.DataPlane);
        var peer = Assert.Single(configuration.Engine.Peers);
        Assert.Equal((ProtocolPreference.Auto, MessageAuthentication.WhenSigned), (peer.Protocol, peer.Authentication));
        Assert.Equal("test", Encoding.UTF8.GetString(peer.Secret!));
        Assert.Equal([PseudowireType.Ethernet, PseudowireType.Ppp], peer.Pseudowires.ToArray());
        Assert.Empty(peer.Endpoints);
        Assert.Equal(Load("config/examples/null-lns.yaml").Engine.Limits, configuration.Engine.Limits);
    }

    [Fact]
    public void Sites_fit_together()
    {
        var peer = Assert.Single(Load("config/examples/site-a-ethernet.yaml").Engine.Peers);
        var tunnel = Assert.Single(Load("config/examples/site-b-ethernet.yaml").Engine.Tunnels);
        var session = Assert.Single(tunnel.Sessions);
        var endpoint = Assert.Single(peer.Endpoints);
        Assert.Equal(peer.Protocol, tunnel.Peer.Protocol);
        Assert.Equal(peer.Secret, tunnel.Peer.Secret);
        Assert.Equal(endpoint.RemoteEndId, session.RemoteEndId ?? session.Name);
        Assert.Equal(endpoint.Session.Pseudowire, session.Session.Pseudowire);
        Assert.Equal([PseudowireType.Ethernet], peer.Pseudowires.ToArray());
        Assert.Equal([PseudowireType.Ethernet], tunnel.Peer.Pseudowires.ToArray());
    }

    [Fact]
    public void Installed_default_does_nothing()
    {
        var configuration = Load("config/l2tpd.yaml");
        Assert.Empty(configuration.Listeners);
        Assert.Empty(configuration.Engine.Tunnels);
    }

    // Commented-out lines must be valid too, because users uncomment them.
    [Fact]
    public void Installed_default_is_right_uncommented()
    {
        var text = RepositoryFiles.Text("config/l2tpd.yaml");
        using var files = new TemporaryConfiguration(string.Join('\n', text.Split('\n').Select(static line =>
            line.StartsWith("# tunnels:", StringComparison.Ordinal) || line.StartsWith("# listen:", StringComparison.Ordinal)
            || line.StartsWith("# peers:", StringComparison.Ordinal) || line.StartsWith("#   ", StringComparison.Ordinal) ? line[2..]
                : line))
            .Replace("/etc/l2tpd/", "", StringComparison.Ordinal));
        foreach (var name in (string[])["office.secret", "alice.secret", "tunnel.secret"])
            files.Write(name, "x\n");
        var result = files.Load();
        Assert.Empty(files.Lines([.. result.Errors, .. result.Warnings]));
        Assert.Single(result.Configuration!.Engine.Tunnels);
        Assert.Single(result.Configuration.Engine.Peers);
    }

    private static DaemonConfiguration Load(string file)
    {
        // As installed, readable by its owner only: in the repository everybody can read it, including the secrets.
        using var files = new TemporaryConfiguration(RepositoryFiles.Text(file));
        var result = files.Load();
        Assert.Empty(result.Errors.Select(static error => error.ToString()));
        Assert.Empty(result.Warnings.Select(static warning => warning.ToString()));
        return result.Configuration!;
    }
}
