using System.Globalization;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>
/// Messages with random values. A message has only the fields of its version; each optional one is present half the time.
/// </summary>
internal sealed class RandomMessages(Random random, ProtocolVersion version, bool everything = false)
{
    /// <summary>Strings of letters only and octets without NUL: other programs treat NUL in a name differently.</summary>
    public bool Printable { get; init; }

    private bool IsV2 => version == ProtocolVersion.V2;

    public static IEnumerable<MessageType> Types(ProtocolVersion version) =>
        Enum.GetValues<MessageType>().Where(type => MessageTypes.IsKnown(type, version));

    public ControlMessage Draw(MessageType type) => type switch
    {
        MessageType.Sccrq => Sccrq(),
        MessageType.Sccrp => Sccrp(),
        MessageType.Scccn => new Scccn { ChallengeResponse = IsV2 ? Maybe(() => Octets(16, 16)) : null },
        MessageType.StopCcn => new StopCcn { AssignedTunnelId = new(Id()), Result = Result() },
        MessageType.Hello => Hello.Instance,
        MessageType.Ack => Ack.Instance,
        MessageType.Ocrq => Ocrq(),
        MessageType.Ocrp => new Ocrp
        {
            LocalSessionId = new(Id()), RemoteSessionId = new(Id()), PhysicalChannelId = MaybeUInt32(), SessionDs = V2UInt16(),
            Pseudowire = Pseudowire(true),
        },
        MessageType.Occn => Occn(),
        MessageType.Icrq => Icrq(),
        MessageType.Icrp => new Icrp
        {
            LocalSessionId = new(Id()), RemoteSessionId = new(Id()), PhysicalChannelId = IsV2 ? null
                : MaybeUInt32(), SessionDs = V2UInt16(), Pseudowire = Pseudowire(true),
        },
        MessageType.Iccn => Iccn(),
        MessageType.Cdn => Cdn(),
        MessageType.Wen => new Wen
        {
            LocalSessionId = new(V3Id()), RemoteSessionId = new(Id()),
            CallErrors = new CallErrors(UInt32(), UInt32(), UInt32(), UInt32(), UInt32(), UInt32()),
        },
        MessageType.Sli => Sli(),
        MessageType.Mdmst => new Mdmst { LocalSessionId = new(V3Id()), RemoteSessionId = new(Id()), ModemOnHoldStatus = Octets(0, 20) },
        MessageType.Srrq => new Srrq { PppoeRelay = Octets(0, 200) },
        MessageType.Srrp => new Srrp { PppoeRelay = Octets(0, 200) },
        MessageType.Fsq => new Fsq { Sessions = FailoverSessions() },
        MessageType.Fsr => new Fsr { Sessions = FailoverSessions() },
        MessageType.Csun => Csun(),
        MessageType.Csurq => Csurq(),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private Sccrq Sccrq() => new()
    {
        ProtocolVersion = IsV2 ? UInt16() : (ushort)0x0100,
        HostName = Text(1, 60),
        FramingCapabilities = IsV2 ? (FramingTypes)UInt32() : FramingTypes.None,
        BearerCapabilities = (BearerTypes?)V2UInt32(),
        AssignedTunnelId = new(Id()),
        ReceiveWindowSize = Maybe(() => (ushort?)random.Next(1, 65536)),
        FirmwareRevision = V2UInt16(),
        VendorName = Maybe(() => Utf8(30)),
        Challenge = IsV2 ? Maybe(() => Octets(1, 60)) : null,
        ControlConnectionDs = V2UInt16(),
        FailoverCapability = Maybe(() => new FailoverCapability(Bool(), Bool(), UInt32())),
        EcnCapability = Bool(),
        PppoeRelayResponseCapability = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        PppoeRelayForwardCapability = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        RouterId = IsV2 ? null : UInt32(),
        PseudowireCapabilities = IsV2 ? null : PseudowireTypes(),
        Nonce = IsV2 ? null : Maybe(() => Octets(16, 40)),
        PreferredLanguage = IsV2 ? null : Maybe(() => "en-GB"),
        TieBreaker = Maybe(() => (ulong?)random.NextInt64()),
        TunnelRecovery = Maybe(() => new TunnelRecovery(new TunnelId(Id()), new TunnelId(Id()))),
    };

    private Sccrp Sccrp() => new()
    {
        ProtocolVersion = IsV2 ? UInt16() : (ushort)0x0100,
        HostName = Text(1, 60),
        FramingCapabilities = IsV2 ? (FramingTypes)UInt32() : FramingTypes.None,
        BearerCapabilities = (BearerTypes?)V2UInt32(),
        AssignedTunnelId = new(Id()),
        ReceiveWindowSize = Maybe(() => (ushort?)random.Next(1, 65536)),
        FirmwareRevision = V2UInt16(),
        VendorName = Maybe(() => Utf8(30)),
        Challenge = IsV2 ? Maybe(() => Octets(1, 60)) : null,
        ChallengeResponse = IsV2 ? Maybe(() => Octets(16, 16)) : null,
        ControlConnectionDs = V2UInt16(),
        FailoverCapability = Maybe(() => new FailoverCapability(Bool(), Bool(), UInt32())),
        SuggestedControlSequence = Maybe(() => new SuggestedControlSequence(UInt16(), UInt16())),
        EcnCapability = Bool(),
        PppoeRelayResponseCapability = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        PppoeRelayForwardCapability = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        RouterId = IsV2 ? null : UInt32(),
        PseudowireCapabilities = IsV2 ? null : PseudowireTypes(),
        Nonce = IsV2 ? null : Maybe(() => Octets(16, 40)),
        PreferredLanguage = IsV2 ? null : Maybe(() => "en-GB"),
    };

    private Icrq Icrq() => new()
    {
        LocalSessionId = new(Id()),
        RemoteSessionId = new(IsV2 ? Id() : 0),
        CallSerialNumber = UInt32(),
        BearerType = (BearerTypes?)V2UInt32(),
        CalledNumber = IsV2 ? Maybe(() => Text(0, 20)) : null,
        CallingNumber = IsV2 ? Maybe(() => Text(0, 20)) : null,
        SubAddress = IsV2 ? Maybe(() => Text(0, 20)) : null,
        PhysicalChannelId = MaybeUInt32(),
        SessionDs = V2UInt16(),
        Atm = IsV2 ? Maybe(Atm) : null,
        ConnectSpeedUpdateEnable = Bool(),
        ModemOnHoldCapable = IsV2 ? Maybe(() => Octets(0, 10)) : null,
        DslLine = Maybe(Dsl),
        PseudowireType = IsV2 ? null : PseudowireType.Ethernet,
        RemoteEndId = IsV2 ? null : System.Text.Encoding.Latin1.GetBytes(Text(0, 30)),
        AttachmentGroupId = IsV2 ? null : Maybe(() => Octets(0, 20)),
        LocalEndId = IsV2 ? null : Maybe(() => Octets(0, 20)),
        TieBreaker = IsV2 ? null : Maybe(() => (ulong?)random.NextInt64()),
        Pseudowire = Pseudowire(true),
    };

    private Ocrq Ocrq() => new()
    {
        LocalSessionId = new(Id()),
        RemoteSessionId = new(IsV2 ? Id() : 0),
        CallSerialNumber = UInt32(),
        MinimumBps = V2UInt32Always(),
        MaximumBps = V2UInt32Always(),
        BearerType = IsV2 ? (BearerTypes)UInt32() : null,
        FramingType = (FramingTypes)V2UInt32Always(),
        CalledNumber = IsV2 ? Text(0, 20) : null,
        SubAddress = IsV2 ? Maybe(() => Text(0, 20)) : null,
        SessionDs = V2UInt16(),
        RxMinimumBps = V2UInt32(),
        RxMaximumBps = V2UInt32(),
        Atm = IsV2 ? Maybe(Atm) : null,
        PseudowireType = IsV2 ? null : PseudowireType.Ppp,
        RemoteEndId = IsV2 ? null : System.Text.Encoding.Latin1.GetBytes(Text(0, 30)),
        AttachmentGroupId = IsV2 ? null : Maybe(() => Octets(0, 20)),
        LocalEndId = IsV2 ? null : Maybe(() => Octets(0, 20)),
        TieBreaker = IsV2 ? null : Maybe(() => (ulong?)random.NextInt64()),
        Pseudowire = Pseudowire(true),
    };

    private Iccn Iccn() => new()
    {
        LocalSessionId = new(V3Id()),
        RemoteSessionId = new(Id()),
        TxConnectSpeed = V2UInt32Always(),
        RxConnectSpeed = V2UInt32(),
        FramingType = (FramingTypes)V2UInt32Always(),
        SequencingRequired = IsV2 && Bool(),
        LcpWantOptions = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        LcpAllowOptions = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        PrivateGroupId = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        ProxyLcp = IsV2 ? Maybe(() => new ProxyLcp(LcpOptions(), Maybe(LcpOptions), Maybe(LcpOptions))) : null,
        ProxyAuthentication = IsV2 ? Maybe(ProxyAuthentication) : null,
        Pseudowire = Pseudowire(false),
    };

    private Occn Occn() => new()
    {
        LocalSessionId = new(V3Id()),
        RemoteSessionId = new(Id()),
        TxConnectSpeed = V2UInt32Always(),
        RxConnectSpeed = V2UInt32(),
        FramingType = (FramingTypes)V2UInt32Always(),
        SequencingRequired = IsV2 && Bool(),
        LcpWantOptions = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        LcpAllowOptions = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        Pseudowire = Pseudowire(false),
    };

    private Cdn Cdn() => new()
    {
        LocalSessionId = new(Id()),
        RemoteSessionId = new(Id()),
        Result = Result(),
        Q931Cause = IsV2 ? Maybe(() => new Q931Cause(UInt16(), (byte)random.Next(256), Maybe(() => Utf8(20)))) : null,
        PppDisconnectCause = IsV2
            ? Maybe(() => new PppDisconnectCause((PppDisconnectCode)UInt16(), UInt16(), (byte)random.Next(3), Maybe(() => Utf8(20))))
            : null,
    };

    private Sli Sli() => new()
    {
        LocalSessionId = new(V3Id()),
        RemoteSessionId = new(Id()),
        Accm = IsV2 ? new Accm(UInt32(), UInt32()) : null,
        LnsLastSentLcpConfReq = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        LnsLastReceivedLcpConfReq = IsV2 ? Maybe(() => Octets(0, 20)) : null,
        CircuitStatus = IsV2 ? null : (CircuitStatus?)Maybe(() => (ushort?)UInt16()),
    };

    private Csun Csun()
    {
        var update = SpeedUpdate();
        return new Csun { RemoteSessionId = update.RemoteSessionId, Update = update };
    }

    private Csurq Csurq()
    {
        var update = SpeedUpdate();
        return new Csurq { RemoteSessionId = update.RemoteSessionId, Update = update };
    }

    private ConnectSpeedUpdate SpeedUpdate() =>
        IsV2 ? new ConnectSpeedUpdate(new SessionId(Id()), UInt32(), UInt32())
            : new ConnectSpeedUpdate(new SessionId(Id()), (ulong)random.NextInt64(), (ulong)random.NextInt64());

    private PseudowireOptions? Pseudowire(bool cookie)
    {
        if (IsV2)
            return null;
        return new PseudowireOptions
        {
            AssignedCookie = cookie ? Maybe(() => Octets(0, 2, 4)) : null,
            Sublayer = (L2SpecificSublayer?)Maybe(() => (ushort?)random.Next(5)),
            DataSequencing = (DataSequencing?)Maybe(() => (ushort?)random.Next(3)),
            CircuitStatus = cookie ? (CircuitStatus)random.Next(1, 128) : CircuitStatus.Active,
            TxConnectSpeed = Maybe(() => (ulong?)random.NextInt64()),
            RxConnectSpeed = Maybe(() => (ulong?)random.NextInt64()),
            InterfaceMtu = cookie ? MaybeUInt16() : null,
            Vccv = Maybe(() => new VccvCapability((byte)random.Next(256), (byte)random.Next(256))),
        };
    }

    /// <summary>LCP options; l2tpd does not check them, but a dissector does.</summary>
    private byte[] LcpOptions() => Printable ? [1, 4, 5, 212, 5, 6, .. Octets(4, 4)] : Octets(0, 40);

    private AtmService Atm() => new(UInt16(), Maybe(() => Text(0, 20)), Maybe(() => Text(0, 20)), Maybe(() => Octets(4, 4)));

    private ProxyAuthentication ProxyAuthentication() => new(
        (ProxyAuthenticationType)random.Next(8), Maybe(() => Octets(0, 30)), Maybe(() => Octets(1, 30)), (byte)random.Next(256),
        Maybe(() => Octets(0, 50)));

    private DslLine Dsl() => new()
    {
        AgentCircuitId = Maybe(() => System.Text.Encoding.Latin1.GetBytes(Text(2, 63))),
        AgentRemoteId = Maybe(() => System.Text.Encoding.Latin1.GetBytes(Text(2, 63))),
        ActualRateUp = MaybeUInt64(),
        ActualRateDown = (ulong)random.NextInt64(),
        MinimumRateUp = MaybeUInt64(),
        MinimumRateDown = MaybeUInt64(),
        AttainableRateUp = MaybeUInt64(),
        AttainableRateDown = MaybeUInt64(),
        MaximumRateUp = MaybeUInt64(),
        MaximumRateDown = MaybeUInt64(),
        MinimumRateUpLowPower = MaybeUInt64(),
        MinimumRateDownLowPower = MaybeUInt64(),
        MaximumInterleavingDelayUp = MaybeUInt32(),
        ActualInterleavingDelayUp = MaybeUInt32(),
        MaximumInterleavingDelayDown = MaybeUInt32(),
        ActualInterleavingDelayDown = MaybeUInt32(),
        AccessLoopEncapsulation = Maybe(() => Octets(3, 3)),
        AncpLineType = MaybeUInt32(),
        IwfSession = MaybeUInt32(),
    };

    private ResultCode Result() => random.Next(3) switch
    {
        0 => new ResultCode(UInt16()),
        1 => new ResultCode(UInt16(), UInt16()),
        _ => new ResultCode(UInt16(), UInt16(), Utf8(60)),
    };

    private FailoverSessionState[] FailoverSessions() =>
        [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => new FailoverSessionState(new SessionId(Id()), new SessionId(Id())))];

    private PseudowireType[] PseudowireTypes() => [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => (PseudowireType)UInt16())];

    private T? Maybe<T>(Func<T?> draw) => Bool() ? draw() : default;

    private bool Bool() => everything || random.Next(2) == 0;

    private uint Id() => IsV2 ? (uint)random.Next(1, 65536) : (uint)random.NextInt64(1, 1L << 32);

    private uint V3Id() => IsV2 ? 0 : Id();

    private ushort UInt16() => (ushort)random.Next(65536);

    private uint UInt32() => (uint)random.NextInt64(1L << 32);

    private uint V2UInt32Always() => IsV2 ? UInt32() : 0;

    private uint? V2UInt32() => IsV2 ? MaybeUInt32() : null;

    private ushort? V2UInt16() => IsV2 ? MaybeUInt16() : null;

    private uint? MaybeUInt32() => Bool() ? UInt32() : null;

    private ushort? MaybeUInt16() => Bool() ? UInt16() : null;

    private ulong? MaybeUInt64() => Bool() ? (ulong)random.NextInt64() : null;

    private byte[] Octets(int minimum, int maximum, int unit = 1)
    {
        var octets = new byte[random.Next(minimum, maximum + 1) * unit];
        random.NextBytes(octets);
        if (Printable)
            octets.AsSpan().Replace((byte)0, (byte)1);
        return octets;
    }

    /// <summary>Latin-1 text: any octet is possible.</summary>
    private string Text(int minimum, int maximum) => Printable
        ? new string((char)random.Next('a', 'z' + 1), random.Next(minimum, maximum + 1))
        : System.Text.Encoding.Latin1.GetString(Octets(minimum, maximum));

    private string Utf8(int maximum) =>
        string.Concat(Enumerable.Range(0, random.Next(1, maximum + 1))
            .Select(_ => random.Next(4) switch { 0 => "é", 1 => "€", 2 => "😀", _ => "a" }));
}
