using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// What a verified CoA- or Disconnect-Request means (RFC 5176 sections 3 and 3.6): which session, and what to do with it. Every attribute
/// is mandatory: one that is not supported, or whose value is wrong, makes the whole request fail, and nothing is changed.
/// </summary>
public sealed class DynamicRequestReader
{
    private const uint FramedService = 2;
    private const uint PppProtocol = 1;
    private const uint LeastInterim = 60;

    private readonly ImmutableArray<ImmutableArray<byte>>.Builder _class = ImmutableArray.CreateBuilder<ImmutableArray<byte>>();
    private readonly ImmutableArray<string>.Builder _filters = ImmutableArray.CreateBuilder<string>();
    private readonly ImmutableArray<FramedRoute>.Builder _routes = ImmutableArray.CreateBuilder<FramedRoute>();
    private readonly Func<IPAddress, bool> _isOurs;
    private readonly bool _isChange;
    private SessionIdentification _selector = new();
    private AuthorisationChange _change = new();
    private readonly RateReader _rates = new();
    private TerminateCause _cause;

    private DynamicRequestReader(bool isChange, Func<IPAddress, bool> isOurs) => (_isChange, _isOurs) = (isChange, isOurs);

    /// <summary>Reads a request.</summary>
    /// <param name="packet">Of code CoA-Request or Disconnect-Request.</param>
    /// <param name="requestId">The number for the answer.</param>
    /// <param name="from">Who sent it, for the log.</param>
    /// <param name="isOurs">Whether an address is one that NAS-IP-Address or NAS-IPv6-Address may name.</param>
    /// <param name="request">The request; <c>null</c> if it must be refused.</param>
    /// <returns>Why it must be refused; <see cref="ControlOutcome.Done"/> otherwise.</returns>
    public static ControlOutcome Read(
        in RadiusPacket packet, ulong requestId, string from, Func<IPAddress, bool> isOurs, out AccessAnswer? request)
    {
        request = null;
        var reader = new DynamicRequestReader(packet.Code == RadiusCode.CoaRequest, isOurs);
        var outcome = ControlOutcome.Done;
        foreach (var attribute in packet.Attributes)
        {
            var one = reader.Read(attribute);
            // Whose request it is comes before what it asks for (RFC 5176 section 3.6).
            if (one == ControlOutcome.NasIdentificationMismatch || (one != ControlOutcome.Done && outcome == ControlOutcome.Done))
                outcome = one;
        }

        if (outcome == ControlOutcome.Done)
            outcome = reader.Complete(requestId, from, out request);
        return outcome;
    }

    private ControlOutcome Complete(ulong requestId, string from, out AccessAnswer? request)
    {
        request = null;
        if (_selector.IsEmpty)
            return ControlOutcome.MissingAttribute;
        if (!_isChange)
        {
            request = new AccessAnswer.Disconnect(requestId, _selector, from) { Cause = _cause, Class = _class.DrainToImmutable() };
            return ControlOutcome.Done;
        }

        var change = _change with
        {
            Class = _class.Count > 0 ? _class.DrainToImmutable() : null,
            Filters = _filters.Count > 0 ? _filters.DrainToImmutable() : null,
            Routes = _routes.Count > 0 ? _routes.DrainToImmutable() : null,
            RateFromPeer = _rates.FromPeer,
            RateToPeer = _rates.ToPeer,
        };
        if (change.IsEmpty)
            return ControlOutcome.InvalidRequest;
        request = new AccessAnswer.Change(requestId, _selector, from, change);
        return ControlOutcome.Done;
    }

    private ControlOutcome Read(in RadiusAttribute attribute) => attribute.Type switch
    {
        AttributeType.MessageAuthenticator or AttributeType.EventTimestamp or AttributeType.ProxyState or AttributeType.ReplyMessage =>
            ControlOutcome.Done,
        AttributeType.NasIpAddress or AttributeType.NasIpv6Address or AttributeType.NasIdentifier => ReadServer(attribute),
        AttributeType.Class => Add(_class, [.. attribute.Value]),
        AttributeType.AcctTerminateCause when !_isChange => ReadCause(attribute.Value),
        _ when ReadSession(attribute) is { } outcome => outcome,
        _ => _isChange ? ReadChange(attribute) : ControlOutcome.UnsupportedAttribute,
    };

    /// <summary>Each attribute of the server must be ours (403).</summary>
    private ControlOutcome ReadServer(in RadiusAttribute attribute)
    {
        if (attribute.Type == AttributeType.NasIdentifier)
            return With(_selector with { NasIdentifier = Text(attribute.Value) });

        var length = attribute.Type == AttributeType.NasIpAddress ? 4 : 16;
        return attribute.Value.Length != length ? ControlOutcome.InvalidAttributeValue
            : _isOurs(new IPAddress(attribute.Value)) ? ControlOutcome.Done
            : ControlOutcome.NasIdentificationMismatch;
    }

    /// <summary>An attribute that identifies sessions; <c>null</c>: it is none.</summary>
    private ControlOutcome? ReadSession(in RadiusAttribute attribute)
    {
        var value = attribute.Value;
        switch (attribute.Type)
        {
            case AttributeType.UserName:
                return With(_selector with { UserName = Text(value) });
            case AttributeType.AcctSessionId:
                return With(_selector with { SessionId = Text(value) });
            case AttributeType.AcctMultiSessionId:
                return With(_selector with { MultiSessionId = Text(value) });
            case AttributeType.NasPortId:
                return With(_selector with { NasPortId = Text(value) });
            case AttributeType.CallingStationId:
                return With(_selector with { CallingNumber = Text(value) });
            case AttributeType.CalledStationId:
                return With(_selector with { CalledNumber = Text(value) });
            case AttributeType.ChargeableUserIdentity:
                return With(_selector with { ChargeableUserIdentity = Convert.ToHexString(value) });
            case AttributeType.NasPort:
                return TryNumber(value, out var port) ? With(_selector with { NasPort = port }) : ControlOutcome.InvalidAttributeValue;
            case AttributeType.FramedIpAddress:
                return TryNumber(value, out var address) && address != 0
                    ? With(_selector with { Address = new Ipv4Address(address) }) : ControlOutcome.InvalidAttributeValue;
            default:
                return ReadIpv6(attribute.Type, value);
        }
    }

    private ControlOutcome? ReadIpv6(AttributeType type, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case AttributeType.FramedInterfaceId:
                return value.Length == 8 && BinaryPrimitives.ReadUInt64BigEndian(value) is not 0 and var identifier
                    ? With(_selector with { InterfaceIdentifier = identifier }) : ControlOutcome.InvalidAttributeValue;
            case AttributeType.FramedIpv6Prefix:
                return PrefixValue.TryRead(value, out var prefix)
                    ? With(_selector with { Ipv6Prefix = prefix }) : ControlOutcome.InvalidAttributeValue;
            case AttributeType.DelegatedIpv6Prefix:
                return PrefixValue.TryRead(value, out var delegated)
                    ? With(_selector with { DelegatedPrefix = delegated }) : ControlOutcome.InvalidAttributeValue;
            case AttributeType.FramedIpv6Address:
                return value.Length == 16
                    ? With(_selector with { Ipv6Address = new IPAddress(value) }) : ControlOutcome.InvalidAttributeValue;
            default:
                return null;
        }
    }

    private ControlOutcome ReadChange(in RadiusAttribute attribute)
    {
        if (attribute.Type == AttributeType.VendorSpecific)
            return ReadVendor(attribute);
        // Filter-Id may be the rates in kbit/s; Ascend's numbers are among the plain ones of old databases.
        if (_rates.TryTake(attribute))
            return ControlOutcome.Done;

        switch (attribute.Type)
        {
            case AttributeType.ServiceType:
                // Authorize-Only (17) would ask us for an Access-Request of our own (RFC 5176 section 3.2): not supported.
                return !TryNumber(attribute.Value, out var service) ? ControlOutcome.InvalidAttributeValue
                    : service == FramedService ? ControlOutcome.Done : ControlOutcome.UnsupportedService;
            case AttributeType.FramedProtocol:
                return TryNumber(attribute.Value, out var protocol) && protocol == PppProtocol
                    ? ControlOutcome.Done : ControlOutcome.InvalidAttributeValue;
            case AttributeType.SessionTimeout or AttributeType.IdleTimeout or AttributeType.AcctInterimInterval:
                return ReadTime(attribute);
            case AttributeType.FilterId:
                return attribute.Value.IsEmpty ? ControlOutcome.InvalidAttributeValue : Add(_filters, Text(attribute.Value));
            case AttributeType.FramedRoute:
                return FramedRouteText.Parse(Text(attribute.Value)) is { } route
                    ? Add(_routes, route) : ControlOutcome.InvalidAttributeValue;
            case AttributeType.FramedIpv6Route:
                return FramedRouteText.ParseIpv6(Text(attribute.Value)) is { } ipv6
                    ? Add(_routes, ipv6) : ControlOutcome.InvalidAttributeValue;
            case AttributeType.State:
                return ControlOutcome.Done;
            default:
                return ControlOutcome.UnsupportedAttribute;
        }
    }

    /// <summary>A vendor's attribute must be a rate.</summary>
    private ControlOutcome ReadVendor(in RadiusAttribute attribute)
    {
        var alone = new RateReader();
        alone.TryTake(attribute);
        if (!alone.Problems.IsEmpty)
            return ControlOutcome.InvalidAttributeValue;
        if (alone is { FromPeer: null, ToPeer: null })
            return ControlOutcome.UnsupportedAttribute;

        _rates.TryTake(attribute);
        return ControlOutcome.Done;
    }

    private ControlOutcome ReadTime(in RadiusAttribute attribute)
    {
        if (!TryNumber(attribute.Value, out var seconds))
            return ControlOutcome.InvalidAttributeValue;

        _change = attribute.Type switch
        {
            AttributeType.SessionTimeout => _change with { SessionTimeout = seconds * 1_000L },
            AttributeType.IdleTimeout => _change with { IdleTimeout = seconds * 1_000L },
            // 0 turns Interims off; any other interval is at least a minute (RFC 2869 section 5.16).
            _ => _change with { InterimInterval = seconds == 0 ? 0 : Math.Max(seconds, LeastInterim) * 1_000L },
        };
        return ControlOutcome.Done;
    }

    private ControlOutcome ReadCause(ReadOnlySpan<byte> value)
    {
        if (!TryNumber(value, out var cause) || cause is < (uint)TerminateCause.UserRequest or > (uint)TerminateCause.HostRequest)
            return ControlOutcome.InvalidAttributeValue;

        _cause = (TerminateCause)cause;
        return ControlOutcome.Done;
    }

    private ControlOutcome With(SessionIdentification selector)
    {
        _selector = selector;
        return ControlOutcome.Done;
    }

    private static ControlOutcome Add<T>(ImmutableArray<T>.Builder list, T value)
    {
        list.Add(value);
        return ControlOutcome.Done;
    }

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value);

    private static bool TryNumber(ReadOnlySpan<byte> value, out uint number)
    {
        number = value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : 0;
        return value.Length == 4;
    }
}
