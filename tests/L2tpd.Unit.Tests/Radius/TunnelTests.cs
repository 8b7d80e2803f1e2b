using System.Net;
using L2tpd.Access;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;
using static L2tpd.Unit.Tests.Radius.Vectors;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Which LNS a LAC should dial (RFC 2868): the question, the groups of the answer and their order.</summary>
public sealed class TunnelTests
{
    private static readonly TunnelQuery Query = new("example.net", "cisco", "lac1");

    [Fact]
    public void The_question_is_that_of_the_vector()
    {
        var rig = new AccessRig();
        var tunnels = new RadiusTunnels(rig.Exchange, rig);
        tunnels.Ask(1, Query, rig.Now);
        var (_, packet) = Assert.Single(rig.Sockets.Sent);
        foreach (var type in new[]
            { AttributeType.UserName, AttributeType.ServiceType, AttributeType.NasPortType, AttributeType.NasIdentifier })
        {
                Assert.Equal(AccessRig.ValuesOf(Convert.FromHexString(V16Request), type), AccessRig.ValuesOf(packet, type));
        }

        var hidden = Convert.FromHexString(Assert.Single(AccessRig.ValuesOf(packet, AttributeType.UserPassword)));
        var password = new byte[128];
        var length = PasswordHiding.Reveal(hidden, packet.AsSpan(4, 16), Secret, password);
        Assert.Equal("cisco", System.Text.Encoding.ASCII.GetString(password, 0, length));
        Assert.Empty(AccessRig.ValuesOf(packet, AttributeType.NasPort));
    }

    [Fact]
    public void The_servers_of_the_group_are_asked_and_a_balanced_group_by_the_name()
    {
        var rig = new AccessRig();
        var sockets = new AccessRig.PlayedSockets();
        rig.Exchange.Replace(
            [.. Enumerable.Range(0, 3).Select(static i => new RadiusServer { Name = $"server{i}", Secret = Secret })], 20_000, "lns1",
            sockets, new Dictionary<string, ServerGroup>
            {
                ["last"] = new([2], Budget: 20_000), ["two"] = new([1, 2], GroupPolicy.Balance, 20_000),
            });
        var tunnels = new RadiusTunnels(rig.Exchange, rig);
        tunnels.Ask(1, Query, rig.Now);
        tunnels.Ask(2, Query with { Group = "last" }, rig.Now);
        Assert.Equal([0, 2], sockets.Sent.Select(static sent => sent.Socket.Server));
        for (ulong i = 3; i < 43; i++)
            tunnels.Ask(i, Query with { Group = "two", User = $"realm{i}.net" }, rig.Now);
        Assert.Equal([1, 2], sockets.Sent.Skip(2).Select(static sent => sent.Socket.Server).Distinct().Order());
    }

    [Fact]
    public void The_vectors_answer_names_two_LNSs_in_order_with_their_secrets_and_names()
    {
        RadiusPacket.TryParse(Convert.FromHexString(V16Accept), out var accept);
        var groups = TunnelGroupReader.Read(accept, RequestAuthenticator, Secret);
        var choices = TunnelSelector.Select(groups, new AccessRig()).Choices;
        Assert.Equal(["10.1.0.1", "2001:db8::2"], choices.Select(static choice => choice.Host));
        Assert.Equal(("l2tpd-secret", "lac1", "lns1", "grp-a"), (Text(choices[0]), choices[0].LocalName, choices[0].PeerName,
            choices[0].AssignmentId));
        Assert.Equal(("other", null, null, "grp-b"),
            (Text(choices[1]), choices[1].LocalName, choices[1].PeerName, choices[1].AssignmentId));
        Assert.DoesNotContain("l2tpd-secret", choices[0].ToString() + groups[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01" + "8001" + "32a4044d0a1a2538cf27b06bb2ba15f3", null, false)]
    [InlineData("01" + "8001" + "3d94357f392e100ef81f890ad0d97196", "0123456789abcde", false)]
    [InlineData("01" + "8001" + "2294357f392e100ef81f890ad0d9719640755521eadaf5259390a701b2cb95a5", "0123456789abcdef", false)]
    [InlineData("45" + "8001" + "3d94357f392e100ef81f890ad0d97196", "0123456789abcde", false)]
    [InlineData("01" + "8001" + "3d94357f392e100ef81f890ad0d971", null, true)]
    [InlineData("01" + "8001", null, true)]
    [InlineData("01" + "8001" + "ff94357f392e100ef81f890ad0d97196", null, true)]
    public void A_tunnel_password_is_read_or_makes_its_group_unusable(string value, string? password, bool isUnusable)
    {
        var groups = Read((ref PacketBuilder packet) =>
        {
            packet.Add(AttributeType.TunnelServerEndpoint, "\u000110.0.0.1"u8);
            packet.Add(AttributeType.TunnelPassword, Convert.FromHexString(value));
        });
        var group = groups.First(static group => !group.ServerEndpoints.IsEmpty);
        Assert.Equal((password, isUnusable), (group.Password is { } read ? System.Text.Encoding.ASCII.GetString(read) : null,
            group.IsPasswordUnreadable));
        Assert.Equal(isUnusable ? "tag 1: Tunnel-Password is malformed" : null, TunnelSelector.Select(groups, new AccessRig()).Error);
    }

    [Fact]
    public void Untagged_attributes_are_one_tunnel_and_the_defaults_of_tagged_ones()
    {
        var alone = Read(static (ref PacketBuilder packet) =>
        {
            packet.AddUInt32(AttributeType.TunnelType, 3);
            packet.AddText(AttributeType.TunnelServerEndpoint, "10.0.0.1");
        });
        Assert.Equal(["10.0.0.1"], Assert.Single(alone).ServerEndpoints);

        var mixed = Read(static (ref PacketBuilder packet) =>
        {
            packet.AddUInt32(AttributeType.TunnelType, 3);
            packet.AddText(AttributeType.TunnelClientAuthId, "lac");
            packet.Add(AttributeType.TunnelServerEndpoint, "\u000210.0.0.2"u8);
            packet.Add(AttributeType.TunnelServerEndpoint, "\u000110.0.0.1"u8);
            packet.Add(AttributeType.TunnelClientAuthId, "\u0001special"u8);
        });
        Assert.Equal(["1 3 special 10.0.0.1", "2 3 lac 10.0.0.2"],
            mixed.Select(static group => $"{group.Tag} {group.Type} {group.ClientAuthId} {group.ServerEndpoints[0]}"));

        var borrowed = Read(static (ref PacketBuilder packet) =>
        {
            packet.AddText(AttributeType.TunnelServerEndpoint, "10.0.0.9");
            packet.Add(AttributeType.TunnelClientAuthId, "\u0001a"u8);
        });
        Assert.Equal((1, "10.0.0.9"), (Assert.Single(borrowed).Tag, borrowed[0].ServerEndpoints[0]));

        var both = Read(static (ref PacketBuilder packet) =>
        {
            packet.AddText(AttributeType.TunnelServerEndpoint, "10.0.0.9");
            packet.Add(AttributeType.TunnelServerEndpoint, "\u000110.0.0.1"u8);
        });
        Assert.Equal(["10.0.0.9", "10.0.0.1"], both.Select(static group => group.ServerEndpoints[0]));
    }

    [Theory]
    [InlineData("type=9", "tag 0: Tunnel-Type 9 is not L2TP")]
    [InlineData("type=3 medium=6 server=10.0.0.1", "tag 0: Tunnel-Medium-Type 6 is neither IPv4 nor IPv6")]
    [InlineData("type=3", "tag 0: there is no Tunnel-Server-Endpoint")]
    [InlineData("medium=2 server=10.0.0.1", "no endpoint fits its medium")]
    [InlineData("medium=1 server=2001:db8::1", "no endpoint fits its medium")]
    [InlineData("server=7", "no endpoint fits its medium")]
    [InlineData("server=a_b!", "no endpoint fits its medium")]
    [InlineData("", "it names no tunnel")]
    public void What_cannot_be_dialled_says_why(string attributes, string error) =>
        Assert.Equal(error, TunnelSelector.Select(Written(attributes), new AccessRig()).Error);

    [Theory]
    [InlineData("server=10.0.0.1", "10.0.0.1")]
    [InlineData("type=3 medium=1 server=10.0.0.1", "10.0.0.1")]
    [InlineData("type=3 medium=2 server=lns.example.net", "lns.example.net")]
    [InlineData("server=10.0.0.1,2001:db8::1", "10.0.0.1 2001:db8::1")]
    [InlineData("medium=1 server=10.0.0.1,2001:db8::1", "10.0.0.1")]
    [InlineData("vpdn:tunnel-type=l2tp vpdn:ip-addresses=10.0.0.1/10.0.0.2", "10.0.0.1 10.0.0.2")]
    [InlineData("vpdn:ip-addresses=10.0.0.1 vpdn:tunnel-type=l2f", "")]
    [InlineData("vpdn:ip-addresses= vpdn:=1 vpdn: ip:route=1", "")]
    public void Endpoints_are_read(string attributes, string hosts)
    {
        var answer = TunnelSelector.Select(Written(attributes), new AccessRig());
        Assert.Equal(hosts, string.Join(' ', answer.Choices.Select(static choice => choice.Host).Order()));
    }

    [Fact]
    public void VPDN_pairs_give_name_password_and_preferences()
    {
        var groups = Written("vpdn:tunnel-id=lac7 vpdn:l2tp-tunnel-password=s3cret vpdn:ip-addresses=10.0.0.1,10.0.0.2/10.0.0.3");
        Assert.Equal(["10.0.0.1 10.0.0.2", "10.0.0.3"], groups.Select(static group => string.Join(' ', group.ServerEndpoints)));
        Assert.All(groups, static group => Assert.Equal(("lac7", "s3cret"),
            (group.ClientAuthId, System.Text.Encoding.ASCII.GetString(group.Password!))));
        Assert.Equal("10.0.0.3", TunnelSelector.Select(groups, new AccessRig()).Choices[^1].Host);
    }

    [Fact]
    public void Lower_preferences_come_first_and_equals_share_the_load()
    {
        var groups = Read(static (ref PacketBuilder packet) =>
        {
            packet.Add(AttributeType.TunnelServerEndpoint, "\u000110.0.0.1"u8);
            packet.Add(AttributeType.TunnelPreference, [1, 0, 0, 20]);
            packet.Add(AttributeType.TunnelServerEndpoint, "\u000210.0.0.2"u8);
            packet.Add(AttributeType.TunnelPreference, [2, 0, 0, 10]);
            packet.Add(AttributeType.TunnelServerEndpoint, "\u000310.0.0.3"u8);
            packet.Add(AttributeType.TunnelPreference, [3, 0, 0, 10]);
            packet.Add(AttributeType.TunnelServerEndpoint, "\u000410.0.0.4"u8);
        });
        var random = new Lots(Seeds.One(static _ => { }));
        var firsts = new HashSet<string>();
        for (var i = 0; i < 200; i++)
        {
            var hosts = TunnelSelector.Select(groups, random).Choices.Select(static choice => choice.Host).ToArray();
            Assert.Equal(("10.0.0.4", "10.0.0.1"), (hosts[0], hosts[3]));
            firsts.Add(hosts[1]);
        }

        Assert.Equal(["10.0.0.2", "10.0.0.3"], firsts.Order());
    }

    [Fact]
    public void No_more_than_sixteen_are_tried()
    {
        var groups = Written("server=" + string.Join(',', Enumerable.Range(1, 20).Select(static i => $"10.0.0.{i}")));
        Assert.Equal(16, TunnelSelector.Select(groups, new AccessRig()).Choices.Length);
    }

    [Fact]
    public void Only_the_same_assignment_between_the_same_ends_shares_a_tunnel()
    {
        var remote = IPAddress.Parse("10.0.0.1");
        var choice = new TunnelChoice { Host = "10.0.0.1", AssignmentId = "a", LocalName = "lac" };
        Assert.Equal(choice.Key(remote), (choice with { Secret = [1], PeerName = "x" }).Key(remote));
        Assert.NotEqual(choice.Key(remote), (choice with { AssignmentId = null }).Key(remote));
        Assert.NotEqual(choice.Key(remote), (choice with { LocalName = "other" }).Key(remote));
        Assert.NotEqual(choice.Key(remote), (choice with { LocalAddress = IPAddress.Loopback }).Key(remote));
        Assert.NotEqual(choice.Key(remote), choice.Key(IPAddress.Loopback));
        Assert.Equal((choice with { AssignmentId = null }).Key(remote), (choice with { AssignmentId = null }).Key(remote));
    }

    [Fact]
    public void An_answer_a_reject_a_challenge_and_silence_are_each_answered_once()
    {
        var rig = new AccessRig();
        var tunnels = new RadiusTunnels(rig.Exchange, rig);
        Assert.Equal(long.MaxValue, tunnels.NextDeadline);
        foreach (var (code, expected) in new[]
        {
            (RadiusCode.AccessAccept, null), (RadiusCode.AccessReject, "RADIUS server server0 rejected example.net"),
            (RadiusCode.AccessChallenge, "RADIUS server server0 rejected example.net"),
        })
        {
            tunnels.Ask(7, Query, rig.Now);
            Assert.False(tunnels.TryTake(out _, out _));
            rig.Answer(code, static (ref PacketBuilder packet) => packet.AddText(AttributeType.TunnelServerEndpoint, "10.0.0.1"));
            Assert.Equal(0, tunnels.NextDeadline);
            Assert.True(tunnels.TryTake(out var number, out var answer));
            Assert.Equal((7ul, expected, expected is null ? 1 : 0), (number, answer!.Error, answer.Choices.Length));
            Assert.False(tunnels.TryTake(out _, out _));
        }

        tunnels.Ask(8, Query, rig.Now);
        var sent = rig.Sockets.Sent.Count;
        for (var now = tunnels.NextDeadline; now != long.MaxValue && now != 0; now = tunnels.NextDeadline)
            tunnels.HandleDeadline(now);
        Assert.True(rig.Sockets.Sent.Count > sent, "a question is repeated");
        Assert.True(tunnels.TryTake(out _, out var none));
        Assert.Contains("no RADIUS server answered", none!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_attributes_never_throw()
    {
        var seed = Seeds.One(static _ => { });
        var random = new Random(seed);
        AttributeType[] types = [.. Enumerable.Range(64, 6).Concat(Enumerable.Range(81, 11)).Select(static type => (AttributeType)type),
            AttributeType.VendorSpecific];
        for (var i = 0; i < 2_000; i++)
        {
            var groups = Read((ref PacketBuilder packet) =>
            {
                for (var count = random.Next(12); count > 0; count--)
                {
                    var value = new byte[random.Next(60)];
                    random.NextBytes(value);
                    if (value.Length > 0 && random.Next(2) == 0)
                        value[0] = (byte)random.Next(4);
                    packet.Add(types[random.Next(types.Length)], value);
                }
            });
            Assert.InRange(TunnelSelector.Select(groups, new Lots(seed)).Choices.Length, 0, 16);
        }
    }

    private static System.Collections.Immutable.ImmutableArray<TunnelGroup> Read(Attributes attributes)
    {
        var builder = new PacketBuilder(
            new byte[RadiusPacket.MaxSize], RadiusCode.AccessAccept, 1, Secret, RequestAuthenticator, withMessageAuthenticator: true);
        attributes(ref builder);
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(builder.Seal(), out var packet));
        return TunnelGroupReader.Read(packet, RequestAuthenticator, Secret);
    }

    /// <summary>Words such as <c>type=3</c>; other words are Cisco's pairs.</summary>
    private static System.Collections.Immutable.ImmutableArray<TunnelGroup> Written(string attributes) => Read((ref PacketBuilder packet) =>
    {
        foreach (var word in attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var value = word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..];
            if (word.StartsWith("type=", StringComparison.Ordinal))
                packet.AddUInt32(AttributeType.TunnelType, uint.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
            else if (word.StartsWith("medium=", StringComparison.Ordinal))
                packet.AddUInt32(AttributeType.TunnelMediumType, uint.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
            else if (word.StartsWith("server=", StringComparison.Ordinal))
                packet.AddText(AttributeType.TunnelServerEndpoint, value);
            else
                packet.AddVendor(VendorId.Cisco, 1, System.Text.Encoding.ASCII.GetBytes(word));
        }
    });

    private static string Text(TunnelChoice choice) => System.Text.Encoding.ASCII.GetString(choice.Secret!);

    private sealed class Lots(int seed) : L2tpd.Radius.Client.IRadiusRandom
    {
        private readonly Random _random = new(seed);

        public void Fill(Span<byte> octets) => _random.NextBytes(octets);
    }
}
