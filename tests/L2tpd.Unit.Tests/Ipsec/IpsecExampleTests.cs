using System.Diagnostics;
using System.Net;
using System.Text;
using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Ipsec.Connections;
using L2tpd.Ipsec.Vici;
using L2tpd.Runtime.Ipsec;
using L2tpd.Unit.Tests.Configuration;
using Path = System.IO.Path;

namespace L2tpd.Unit.Tests.Ipsec;

/// <summary>The swanctl.conf beside each IPsec example says what l2tpd tells strongSwan by VICI.</summary>
public sealed class IpsecExampleTests
{
    [Theory]
    [InlineData("ipsec-server")]
    [InlineData("ipsec-client")]
    [InlineData("ipsec-site")]
    [InlineData("ipsec-site-b")]
    public void The_file_for_strongswan_is_what_is_sent_to_it(string name)
    {
        var configuration = Load(name);
        var text = TextOf(Assert.Single(ConnectionsOf(configuration)), name);
        var path = Path.Combine(RepositoryFiles.Root, $"config/examples/{name}.swanctl.conf");
        if (Environment.GetEnvironmentVariable("L2TPD_WRITE_EXAMPLES") is not null)
            File.WriteAllText(path, text);
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void The_two_ends_of_the_pseudowire_fit_together()
    {
        var tunnel = Assert.Single(Load("ipsec-site").Engine.Tunnels);
        var answering = Load("ipsec-site-b");
        var listener = Assert.Single(answering.Listeners);
        var peer = Assert.Single(answering.Engine.Peers);
        var session = Assert.Single(tunnel.Sessions);
        var endpoint = Assert.Single(peer.Endpoints);
        Assert.Equal(Assert.Single(tunnel.Remotes).Host, listener.Address.ToString());
        Assert.Contains(peer.Prefixes, prefix => prefix.Contains(IPAddress.Parse(tunnel.LocalAddress!)));
        Assert.Equal(tunnel.Peer.Ipsec, listener.Ipsec);
        Assert.Equal(tunnel.Peer.Protocol, peer.Protocol);
        Assert.Equal(tunnel.Peer.Secret, peer.Secret);
        Assert.Equal(session.RemoteEndId ?? session.Name, endpoint.RemoteEndId);
        Assert.Equal(session.Session.Pseudowire, endpoint.Session.Pseudowire);
    }

    private static DaemonConfiguration Load(string name) =>
        TemporaryConfiguration.Good(RepositoryFiles.Text($"config/examples/{name}.yaml"));

    private static IEnumerable<IkeConnection> ConnectionsOf(DaemonConfiguration configuration)
    {
        foreach (var listener in configuration.Listeners)
        {
            if (ConnectionSettings.Of(listener) is { } connection)
                yield return connection;
        }

        foreach (var tunnel in configuration.Engine.Tunnels)
        {
            var remote = Endpoint.From(IPAddress.Parse(tunnel.Remotes[0].Host), 1701);
            yield return ConnectionSettings.Of(new TransportRequest(remote, tunnel.LocalAddress, tunnel.SourcePort, null, 0)
            {
                Name = tunnel.Name,
                Ipsec = tunnel.Peer.Ipsec,
            }) ?? throw new UnreachableException();
        }
    }

    private static string TextOf(IkeConnection connection, string name)
    {
        var text = new StringBuilder(
            $"# What l2tpd loads into strongSwan for {name}.yaml, for those who load it by hand: in /etc/swanctl/conf.d, then\n"
            + "# `swanctl --load-all`. l2tpd.yaml then has `ipsec: required` without a key.\n");
        text.Append("connections {\n");
        Write(text, new ViciSection().Add(connection.Name, connection.Settings()), 1);
        text.Append("}\n");
        var secret = connection.LoadCommands().First().Arguments;
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"secrets {{\n  ike-l2tpd {{\n");
        var number = 0;
        foreach (var owner in secret.Items("owners"))
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"    id-{++number} = {owner}\n");
        text.Append(System.Globalization.CultureInfo.InvariantCulture,
            $"    secret = \"{Encoding.UTF8.GetString(connection.Psk!)}\"\n  }}\n}}\n");
        return text.ToString();
    }

    private static void Write(StringBuilder text, ViciSection section, int depth)
    {
        var indent = new string(' ', 2 * depth);
        foreach (var (key, content) in section.Entries)
        {
            if (content is ViciSection inner)
            {
                text.Append(indent).Append(key).Append(" {\n");
                Write(text, inner, depth + 1);
                text.Append(indent).Append("}\n");
            }
            else
            {
                text.Append(indent).Append(key).Append(" = ")
                    .Append(content is IReadOnlyList<string> items ? string.Join(',', items) : content).Append('\n');
            }
        }
    }
}
