using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// The rates of a user, from the attributes of an Access-Accept or a CoA-Request: those that operators have in their databases, of many
/// vendors (docs/radius.md has the table). If several attributes name a rate of one direction, the first of <see cref="RateSource"/>
/// counts. Text that is no rate is left out and named in <see cref="Problems"/>.
/// </summary>
public sealed class RateReader
{
    private const int MostProblems = 4;
    private const AttributeType AscendDataRate = (AttributeType)197;
    private const AttributeType AscendXmitRate = (AttributeType)255;

    private readonly SortedList<RateSource, RateLimit> _fromPeer = [];
    private readonly SortedList<RateSource, RateLimit> _toPeer = [];
    private readonly List<string> _problems = [];

    /// <summary>Largest rate from the peer; <c>null</c> if no attribute names one, and a rate of 0 if one says "no limit".</summary>
    public RateLimit? FromPeer => _fromPeer.Count > 0 ? _fromPeer.Values[0] : null;

    /// <summary>Largest rate to the peer, in the same way.</summary>
    public RateLimit? ToPeer => _toPeer.Count > 0 ? _toPeer.Values[0] : null;

    /// <summary>Attributes that should have been a rate and are not, for the log: at most four.</summary>
    public ImmutableArray<string> Problems => [.. _problems];

    /// <summary>Reads the rates of a verified packet.</summary>
    public static RateReader Read(in RadiusPacket packet)
    {
        var reader = new RateReader();
        foreach (var attribute in packet.Attributes)
            reader.TryTake(attribute);
        return reader;
    }

    /// <summary>Reads an attribute if it names a rate.</summary>
    /// <returns>
    /// True if it is read: it means nothing else. False for a Vendor-Specific attribute always: it may have others inside.
    /// </returns>
    public bool TryTake(in RadiusAttribute attribute)
    {
        switch (attribute.Type)
        {
            case AttributeType.FilterId:
                return TryTakeFilterId(Encoding.UTF8.GetString(attribute.Value));
            case AscendDataRate when attribute.Value.Length == 4:
                TakeAscendDataRate(attribute.Value);
                return true;
            case AscendXmitRate when attribute.Value.Length == 4:
                TakeNumber(_toPeer, RateSource.AscendXmit, attribute.Value);
                return true;
            case AttributeType.VendorSpecific when VendorAttributes.TryRead(attribute.Value, out var vendor):
                foreach (var one in vendor)
                    TakeVendor(vendor.Vendor, (byte)one.Type, one.Value);
                return false;
            default:
                return false;
        }
    }

    private void TakeVendor(VendorId vendor, byte type, ReadOnlySpan<byte> value)
    {
        switch (vendor, type, value.Length)
        {
            case (VendorId.Ascend, 197, 4):
                TakeAscendDataRate(value);
                break;
            case (VendorId.Ascend, 255, 4):
                TakeNumber(_toPeer, RateSource.AscendXmit, value);
                break;
            case (VendorId.Wispr, 7, 4):
                TakeNumber(_fromPeer, RateSource.Wispr, value);
                break;
            case (VendorId.Wispr, 8, 4):
                TakeNumber(_toPeer, RateSource.Wispr, value);
                break;
            case (VendorId.Huawei, 2, 4):
                TakeNumber(_fromPeer, RateSource.Huawei, value);
                break;
            case (VendorId.Huawei, 5, 4):
                TakeNumber(_toPeer, RateSource.Huawei, value);
                break;
            case (VendorId.Mikrotik, 8, > 0):
                TakeMikrotik(TextOf(value));
                break;
            case (VendorId.Cisco or VendorId.Erx or VendorId.Nokia, _, > 0):
                TakeText(vendor, type, TextOf(value));
                break;
            default:
                break;
        }
    }

    private void TakeText(VendorId vendor, byte type, string text)
    {
        switch (vendor, type)
        {
            case (VendorId.Cisco, 1):
                TakeCiscoPair(text);
                break;
            case (VendorId.Cisco, 37 or 55):
                TakeName(_fromPeer, RateSource.CiscoPolicy, text);
                break;
            case (VendorId.Cisco, 38 or 56):
                TakeName(_toPeer, RateSource.CiscoPolicy, text);
                break;
            case (VendorId.Erx, 10):
                TakeName(_fromPeer, RateSource.Erx, text);
                break;
            case (VendorId.Erx, 11 or 26):
                TakeName(_toPeer, RateSource.Erx, text);
                break;
            case (VendorId.Erx, 177):
                TakeName(_toPeer, RateSource.ErxShaping, text);
                break;
            case (VendorId.Nokia, 126):
                TakeNokiaOverride(text);
                break;
            default:
                break;
        }
    }

    /// <summary><c>down/up</c> in kbit/s, as accel-ppp has it; anything else is a name.</summary>
    private bool TryTakeFilterId(string text)
    {
        if (!VendorRates.TryKilobitPair(text, out var down, out var up))
            return false;

        Take(_toPeer, RateSource.FilterId, new RateLimit(down, 0));
        Take(_fromPeer, RateSource.FilterId, new RateLimit(up, 0));
        return true;
    }

    private void TakeMikrotik(string text)
    {
        // The router's view: what it receives comes from the user.
        if (!VendorRates.TryMikrotik(text, out var receive, out var transmit))
        {
            Report("Mikrotik-Rate-Limit", text);
            return;
        }

        Take(_fromPeer, RateSource.Mikrotik, receive);
        Take(_toPeer, RateSource.Mikrotik, transmit);
    }

    private void TakeCiscoPair(string text)
    {
        if (VendorRates.CiscoPolicyDirection(text, out var name) is { } isInput)
        {
            TakeName(isInput ? _fromPeer : _toPeer, RateSource.CiscoPolicy, name);
            return;
        }

        if (!text.Contains("rate-limit", StringComparison.Ordinal))
            return;
        if (VendorRates.TryCisco(text, out var input, out var limit))
            Take(input ? _fromPeer : _toPeer, RateSource.Cisco, limit);
        else
            Report("Cisco-AVPair", text);
    }

    private void TakeNokiaOverride(string text)
    {
        if (VendorRates.TryNokia(text, out var ingress, out var limit))
            Take(ingress ? _fromPeer : _toPeer, RateSource.Nokia, limit);
        else
            Report("Alc-Subscriber-QoS-Override", text);
    }

    /// <summary>A policy of another router: only a number with a suffix in its name means something here.</summary>
    private static void TakeName(SortedList<RateSource, RateLimit> direction, RateSource source, string name)
    {
        if (VendorRates.TryName(name, out var rate))
            Take(direction, source, new RateLimit(rate, 0));
    }

    /// <summary>
    /// Ascend-Data-Rate is the rate from the user, and of both directions if nothing else of Ascend names the other one. MikroTik's servers
    /// send it twice: the second one is the rate to the user.
    /// </summary>
    private void TakeAscendDataRate(ReadOnlySpan<byte> value)
    {
        if (_fromPeer.ContainsKey(RateSource.Ascend))
        {
            TakeNumber(_toPeer, RateSource.AscendXmit, value);
            return;
        }

        TakeNumber(_fromPeer, RateSource.Ascend, value);
        TakeNumber(_toPeer, RateSource.Ascend, value);
    }

    private static void TakeNumber(SortedList<RateSource, RateLimit> direction, RateSource source, ReadOnlySpan<byte> value) =>
        Take(direction, source, new RateLimit(BinaryPrimitives.ReadUInt32BigEndian(value), 0));

    // Of two attributes of one kind the first counts.
    private static void Take(SortedList<RateSource, RateLimit> direction, RateSource source, RateLimit limit) =>
        direction.TryAdd(source, limit);

    private void Report(string attribute, string text)
    {
        if (_problems.Count < MostProblems)
            _problems.Add($"{attribute} `{text}`");
    }

    private static string TextOf(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value).TrimEnd('\0');
}

/// <summary>The attributes that name rates, in the order in which they count: the most exact first.</summary>
internal enum RateSource
{
    Mikrotik,
    Cisco,
    AscendXmit,
    Ascend,
    Wispr,
    Nokia,
    ErxShaping,
    Huawei,
    FilterId,
    CiscoPolicy,
    Erx,
}
