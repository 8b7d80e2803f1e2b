using System.Net;
using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;
using L2tpd.TestKit;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>What CoA- and Disconnect-Requests mean, attribute by attribute, and which error cause the others get.</summary>
public sealed class DynamicRequestReaderTests
{
    private static readonly IPAddress Ours = IPAddress.Parse("192.0.2.9");

    /// <summary>Attributes that identify a session: type, value, and the selector.</summary>
    public static TheoryData<AttributeType, string, SessionIdentification> Keys() => new()
    {
        { AttributeType.AcctSessionId, "31", new SessionIdentification { SessionId = "1" } },
        { AttributeType.AcctMultiSessionId, "32", new SessionIdentification { MultiSessionId = "2" } },
        { AttributeType.UserName, "616c696365", new SessionIdentification { UserName = "alice" } },
        { AttributeType.NasPort, "00000007", new SessionIdentification { NasPort = 7 } },
        { AttributeType.NasPortId, "742f73", new SessionIdentification { NasPortId = "t/s" } },
        { AttributeType.FramedIpAddress, "0a630007", new SessionIdentification { Address = new Ipv4Address(0x0a63_0007) } },
        { AttributeType.CalledStationId, "63", new SessionIdentification { CalledNumber = "c" } },
        { AttributeType.CallingStationId, "64", new SessionIdentification { CallingNumber = "d" } },
        { AttributeType.ChargeableUserIdentity, "0aff", new SessionIdentification { ChargeableUserIdentity = "0AFF" } },
        { AttributeType.FramedInterfaceId, "0000000000000005", new SessionIdentification { InterfaceIdentifier = 5 } },
        { AttributeType.FramedIpv6Prefix, "004020010db8000f0007",
            new SessionIdentification { Ipv6Prefix = IPNetwork.Parse("2001:db8:f:7::/64") } },
        { AttributeType.DelegatedIpv6Prefix, "003820010db8770000",
            new SessionIdentification { DelegatedPrefix = IPNetwork.Parse("2001:db8:7700::/56") } },
        { AttributeType.FramedIpv6Address, "20010db8000000000000000000000001",
            new SessionIdentification { Ipv6Address = IPAddress.Parse("2001:db8::1") } },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_session_is_identified_by_any_attribute_of_RFC_5176(AttributeType type, string value, SessionIdentification selector)
    {
        Assert.Equal(ControlOutcome.Done, Read(RadiusCode.DisconnectRequest, out var request, (type, value)));
        Assert.Equal(selector, Assert.IsType<AccessAnswer.Disconnect>(request).Selector);
        Assert.Equal(ControlOutcome.Done,
            Read(RadiusCode.CoaRequest, out request, (type, value), (AttributeType.SessionTimeout, "00000078")));
        var change = Assert.IsType<AccessAnswer.Change>(request);
        Assert.Equal((selector, 120_000L, "main"), (change.Selector, change.Authorisation.SessionTimeout, change.From));
    }

    /// <summary>Requests by code, attributes as "type value", and the outcome.</summary>
    public static TheoryData<RadiusCode, string, ControlOutcome> Refusals() => new()
    {
        { RadiusCode.DisconnectRequest, "", ControlOutcome.MissingAttribute },
        { RadiusCode.DisconnectRequest, "18 61, 33 01, 55 68a00000", ControlOutcome.MissingAttribute },
        { RadiusCode.DisconnectRequest, "32 6c6e7331", ControlOutcome.MissingAttribute },
        { RadiusCode.DisconnectRequest, "44 31, 6 00000011", ControlOutcome.UnsupportedAttribute },
        { RadiusCode.DisconnectRequest, "44 31, 27 00000078", ControlOutcome.UnsupportedAttribute },
        { RadiusCode.DisconnectRequest, "44 31, 26 0000013701060000", ControlOutcome.UnsupportedAttribute },
        { RadiusCode.DisconnectRequest, "44 31, 49 00000000", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.DisconnectRequest, "44 31, 49 00000013", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.DisconnectRequest, "44 31, 4 c0000208", ControlOutcome.NasIdentificationMismatch },
        { RadiusCode.DisconnectRequest, "44 31, 6 00000011, 4 c0000208", ControlOutcome.NasIdentificationMismatch },
        { RadiusCode.DisconnectRequest, "44 31, 4 c00002", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.DisconnectRequest, "44 31, 95 20010db8000000000000000000000001", ControlOutcome.NasIdentificationMismatch },
        { RadiusCode.DisconnectRequest, "5 0007", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.DisconnectRequest, "8 00000000", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.DisconnectRequest, "96 05", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.DisconnectRequest, "97 00ff", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.CoaRequest, "27 00000078", ControlOutcome.MissingAttribute },
        { RadiusCode.CoaRequest, "44 31", ControlOutcome.InvalidRequest },
        { RadiusCode.CoaRequest, "44 31, 6 00000011", ControlOutcome.UnsupportedService },
        { RadiusCode.CoaRequest, "44 31, 6 00000005, 27 00000078", ControlOutcome.UnsupportedService },
        { RadiusCode.CoaRequest, "44 31, 7 00000002, 27 00000078", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.CoaRequest, "44 31, 27 0078", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.CoaRequest, "44 31, 27 00000078, 12 000005dc", ControlOutcome.UnsupportedAttribute },
        { RadiusCode.CoaRequest, "44 31, 27 00000078, 49 00000001", ControlOutcome.UnsupportedAttribute },
        { RadiusCode.CoaRequest, "44 31, 27 00000078, 26 000000630106aaaaaaaa", ControlOutcome.UnsupportedAttribute },
        { RadiusCode.CoaRequest, "44 31, 26 00003a8c08076661737421", ControlOutcome.InvalidAttributeValue },
        { RadiusCode.CoaRequest, "44 31, 22 6e6f7768657265", ControlOutcome.InvalidAttributeValue },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_is_not_supported_fails_as_a_whole(RadiusCode code, string attributes, ControlOutcome outcome)
    {
        Assert.Equal(outcome, Read(code, out var request, Parse(attributes)));
        Assert.Null(request);
    }

    [Fact]
    public void A_change_says_everything_at_once()
    {
        Assert.Equal(ControlOutcome.Done, Read(RadiusCode.CoaRequest, out var request, Parse(
            "44 31, 4 c0000209, 32 6c6e7331, 6 00000002, 7 00000001, 27 00000000, 28 0000003c, 85 0000000a, 25 01, 25 0203, 24 09")));
        var change = Assert.IsType<AccessAnswer.Change>(request);
        Assert.Equal(new SessionIdentification { SessionId = "1", NasIdentifier = "lns1" }, change.Selector);
        var asked = change.Authorisation;
        // Ten seconds between Interims are too few, and 0 turns a limit off.
        Assert.Equal((0L, 60_000L, 60_000L), (asked.SessionTimeout, asked.IdleTimeout, asked.InterimInterval));
        Assert.Equal([[1], [2, 3]], asked.Class!.Value.Select(static value => value.ToArray()));
    }

    /// <summary>Rates from and to the peer, bit/s.</summary>
    [Theory]
    [InlineData("26 00003a8c0808354d2f31304d", 5_000_000ul, 10_000_000ul)]
    [InlineData("26 0000372a0706001e8480, 26 0000372a0806003d0900", 2_000_000ul, 4_000_000ul)]
    [InlineData("11 353030302f39303030", 9_000_000ul, 5_000_000ul)]
    public void Rates_are_changed_by_the_attributes_that_set_them(string attributes, ulong fromPeer, ulong toPeer)
    {
        Assert.Equal(ControlOutcome.Done, Read(RadiusCode.CoaRequest, out var request, Parse("44 31, " + attributes)));
        var change = Assert.IsType<AccessAnswer.Change>(request).Authorisation;
        Assert.Equal((fromPeer, toPeer), (change.RateFromPeer?.BitsPerSecond, change.RateToPeer?.BitsPerSecond));
        Assert.Null(change.Filters);
    }

    [Fact]
    public void A_disconnect_has_cause_and_class_for_the_Stop()
    {
        Assert.Equal(ControlOutcome.Done,
            Read(RadiusCode.DisconnectRequest, out var request, Parse("1 61, 49 0000000a, 25 07, 18 627965")));
        var disconnect = Assert.IsType<AccessAnswer.Disconnect>(request);
        Assert.Equal((TerminateCause.NasRequest, 7), (disconnect.Cause, Assert.Single(Assert.Single(disconnect.Class))));
    }

    [Fact]
    public void Random_attributes_never_throw_and_never_become_a_change_without_a_session()
    {
        Seeds.ForEach(200, seed =>
        {
            var random = new Random((int)seed);
            for (var run = 0; run < 50; run++)
            {
                var attributes = new (AttributeType, string)[random.Next(8)];
                for (var i = 0; i < attributes.Length; i++)
                {
                    var value = new byte[random.Next(3) switch { 0 => 4, 1 => random.Next(20), _ => random.Next(254) }];
                    random.NextBytes(value);
                    var type = (AttributeType)random.Next(1, 180);
                    attributes[i] = (type == AttributeType.MessageAuthenticator ? AttributeType.State : type, Convert.ToHexString(value));
                }

                var code = random.Next(2) == 0 ? RadiusCode.CoaRequest : RadiusCode.DisconnectRequest;
                var outcome = Read(code, out var request, attributes);
                Assert.Equal(outcome == ControlOutcome.Done, request is not null);
                Assert.False(request is AccessAnswer.Change { Selector.IsEmpty: true });
                Assert.False(request is AccessAnswer.Disconnect { Selector.IsEmpty: true });
                Assert.False(request is AccessAnswer.Change { Authorisation.IsEmpty: true });
            }
        });
    }

    private static (AttributeType, string)[] Parse(string attributes) =>
    [
        .. attributes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static word => word.Split(' ')).Select(static pair => ((AttributeType)byte.Parse(pair[0]), pair[1])),
    ];

    private static ControlOutcome Read(RadiusCode code, out AccessAnswer? request, params (AttributeType Type, string Value)[] attributes)
    {
        var builder = new PacketBuilder(new byte[RadiusPacket.MaxSize], code, 1, "x"u8, new byte[16], false);
        foreach (var (type, value) in attributes)
            builder.Add(type, Convert.FromHexString(value));
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(builder.Seal(), out var packet));
        return DynamicRequestReader.Read(packet, 1, "main", Ours.Equals, out request);
    }
}
