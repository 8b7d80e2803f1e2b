using L2tpd.Configuration;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>conf.d/*.yaml next to the main file.</summary>
public sealed class MergeTests
{
    [Fact]
    public void Mappings_are_joined_in_the_order_of_the_names()
    {
        using var files = new TemporaryConfiguration("data-plane: 'null'\nlisten: 0.0.0.0\npeers: { z: { match: { host-name: z } } }");
        files.Write("conf.d/20-b.yaml", "peers: { b: { match: { host-name: b } } }\nlog: { level: debug }");
        files.Write("conf.d/10-a.yaml", "peers:\n  a: { match: { host-name: a } }\n  z: { phb: 1 }\nlog: { format: json }");
        files.Write("conf.d/ignored.yml", "zebra: 1");
        files.Write("conf.d/.hidden.yaml", "zebra: 1");
        files.Write("conf.d/30-empty.yaml", "# nothing\n");
        var result = files.Load();
        Assert.Empty(files.Lines(result.Errors));
        var configuration = result.Configuration!;
        Assert.Equal(["z", "a", "b"], configuration.Engine.Peers.Select(static peer => peer.Name));
        Assert.Equal((ushort)1, configuration.Engine.Peers[0].ControlConnectionDs);
        Assert.Equal("z", configuration.Engine.Peers[0].HostNamePattern);
        Assert.Equal(new LogSettings { Level = LogLevelChoice.Debug, Format = LogFormat.Json }, configuration.Log);
        Assert.Equal(
            ["l2tpd.yaml", "10-a.yaml", "20-b.yaml", "30-empty.yaml"], result.Files.Select(static file => Path.GetFileName(file)));
    }

    [Fact]
    public void Value_set_twice_names_both_places()
    {
        using var files = new TemporaryConfiguration("host-name: a\nlisten: 0.0.0.0\nlog: { level: debug }");
        files.Write("conf.d/x.yaml", "log:\n  level: trace\nlisten: [0.0.0.0:1702]\nhost-name: { }");
        Assert.Equal(
            [
                "conf.d/x.yaml:2:3: log.level: is already set at l2tpd.yaml:3:8",
                "conf.d/x.yaml:3:1: listen: is already set at l2tpd.yaml:2:1",
                "conf.d/x.yaml:4:1: host-name: is already set at l2tpd.yaml:1:1",
            ],
            files.Lines(files.Load().Errors.Select(error =>
                error with { Message = error.Message.Replace(files.Directory + "/", "", StringComparison.Ordinal) })));
    }

    [Fact]
    public void Empty_section_gives_way()
    {
        using var files = new TemporaryConfiguration("log:\ntimers: { linger: 3s }");
        files.Write("conf.d/x.yaml", "log: { level: debug }\ntimers:");
        var result = files.Load();
        Assert.Empty(files.Lines(result.Errors));
        Assert.Equal(LogLevelChoice.Debug, result.Configuration!.Log.Level);
    }

    [Fact]
    public void Errors_of_every_file_are_told()
    {
        using var files = new TemporaryConfiguration("zebra: 1");
        files.Write("conf.d/a.yaml", "b: [");
        files.Write("conf.d/b.yaml", "log: { level: loud }");
        Assert.Equal(
            [
                "conf.d/a.yaml:2:1: not valid YAML: while parsing a node, did not find expected node content",
                "conf.d/b.yaml:1:15: log.level: `loud` is not one of `trace`, `debug`, `information`, `warning`, `error`",
                "l2tpd.yaml:1:1: zebra: unknown key",
            ],
            files.Lines(files.Load().Errors));
    }

    [Fact]
    public void Secret_file_is_found_beside_the_file_that_names_it()
    {
        using var files = new TemporaryConfiguration("data-plane: 'null'\nlisten: 0.0.0.0");
        files.Write("conf.d/x.yaml", "peers: { p: { secret-file: s } }");
        files.Write("conf.d/s", "found\r\n");
        Assert.Equal("found"u8.ToArray(), files.Load().Configuration!.Engine.Peers[0].Secret);
    }

    [Fact]
    public void Anchor_stands_for_its_value()
    {
        var engine = TemporaryConfiguration.Good("""
            data-plane: "null"
            tunnels:
              a: { lns: a, timers: &slow { retransmit-cap: 30s } }
              b: { lns: b, timers: *slow }
            """).Engine;
        Assert.Equal([30.0, 30.0], engine.Tunnels.Select(static tunnel => tunnel.Peer.Timers.RetransmitCap.TotalSeconds));
    }
}
