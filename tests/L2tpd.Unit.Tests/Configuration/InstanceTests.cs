using L2tpd.Configuration;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>Defaults that depend on <c>--instance</c>.</summary>
public sealed class InstanceTests
{
    private static DaemonConfiguration Load(string text, string? instance)
    {
        using var files = new TemporaryConfiguration(text);
        return files.Load(new LoadEnvironment("machine", null, new string('1', 32)) { Instance = instance }).Configuration!;
    }

    [Fact]
    public void Paths_have_the_name_of_the_instance_unless_the_file_has_others()
    {
        var plain = Load("log: { level: debug }\n", null);
        var instance = Load("log: { level: debug }\n", "a");
        var written = Load("state-file: /x/s.json\nstate-directory: /x\ncontrol: { socket: /x/c.sock }\n", "a");
        Assert.Equal(("/run/l2tpd/state.json", "/var/lib/l2tpd", "/run/l2tpd/control.sock"),
            (plain.StateFile, plain.StateDirectory, plain.Control.Path));
        Assert.Equal(("/run/l2tpd-a/state.json", "/var/lib/l2tpd-a", "/run/l2tpd-a/control.sock"),
            (instance.StateFile, instance.StateDirectory, instance.Control.Path));
        Assert.Equal(("/x/s.json", "/x", "/x/c.sock"), (written.StateFile, written.StateDirectory, written.Control.Path));
    }

    [Fact]
    public void Instances_of_a_machine_have_different_router_ids()
    {
        uint[] ids = [Load("log: { level: debug }\n", null).Engine.RouterId, Load("log: { level: debug }\n", "a").Engine.RouterId,
            Load("log: { level: debug }\n", "b").Engine.RouterId];
        Assert.Equal(3, ids.Distinct().Count());
    }
}
