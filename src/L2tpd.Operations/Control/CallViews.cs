using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Operations.Control;

/// <summary>AVPs of a call's messages to views.</summary>
internal static class CallViews
{
    public static PseudowireView? Pseudowire(Pseudowire? wire) => wire is null ? null : new PseudowireView(
        wire.Type switch
        {
            PseudowireType.Ethernet => "ethernet",
            PseudowireType.EthernetVlan => "ethernet-vlan",
            PseudowireType.Ppp => "ppp",
            _ => ((int)wire.Type).ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
        ApiText.Octets(wire.RemoteEndId), wire.LocalCookie.Length, wire.PeerCookie.Length,
        SublayerOf(wire),
        (int)wire.LocalStatus, (int?)wire.PeerStatus, wire.PeerMtu)
    {
        LocalCircuit = ApiText.Of(wire.LocalStatus),
        PeerCircuit = wire.PeerStatus is { } status ? ApiText.Of(status) : null,
        AttachmentGroupId = ApiText.Octets(wire.PeerAttachmentGroupId),
        PeerEndId = ApiText.Octets(wire.PeerEndId),
    };

    private static string SublayerOf(Pseudowire wire) => wire.ReceiveSublayer == wire.SendSublayer
        ? SublayerText(wire.ReceiveSublayer)
        : $"{SublayerText(wire.ReceiveSublayer)}/{SublayerText(wire.SendSublayer)}";

    private static string SublayerText(L2SpecificSublayer sublayer) => sublayer == L2SpecificSublayer.Default ? "default" : "none";

    public static CallView? Call(CallRequest? request)
    {
        if (request is null)
            return null;
        var incoming = request as Icrq;
        var outgoing = request as Ocrq;
        return new CallView
        {
            SerialNumber = request.CallSerialNumber,
            CallingNumber = incoming?.CallingNumber,
            CalledNumber = request.CalledNumber,
            SubAddress = request.SubAddress,
            BearerType = ApiText.Of(request.BearerType),
            PhysicalChannelId = incoming?.PhysicalChannelId,
            SessionDs = request.SessionDs,
            ConnectSpeedUpdate = incoming is { ConnectSpeedUpdateEnable: true } ? true : null,
            ModemOnHold = ApiText.Hex(incoming?.ModemOnHoldCapable),
            MinimumBps = outgoing?.MinimumBps,
            MaximumBps = outgoing?.MaximumBps,
            RxMinimumBps = outgoing?.RxMinimumBps,
            RxMaximumBps = outgoing?.RxMaximumBps,
            FramingType = outgoing is null ? null : ApiText.Of(outgoing.FramingType),
            Atm = request.Atm is { } atm
                ? new AtmView(atm.ServiceCategory, atm.ServiceName, atm.CallingSubAddress, ApiText.Hex(atm.VpiVci))
                : null,
        };
    }

    public static ConnectView? Connect(CallConnected? connected) => connected is null
        ? null
        : new ConnectView
        {
            TxSpeed = connected.TxConnectSpeed,
            RxSpeed = connected.RxConnectSpeed,
            FramingType = ApiText.Of(connected.FramingType),
            PrivateGroup = ApiText.Octets((connected as Iccn)?.PrivateGroupId),
            LcpWantOptions = ApiText.Hex(connected.LcpWantOptions),
            LcpAllowOptions = ApiText.Hex(connected.LcpAllowOptions),
        };

    public static ProxyLcpView? ProxyLcp(ProxyLcp? lcp) => lcp is null
        ? null
        : new ProxyLcpView(ApiText.Hex(lcp.InitialReceivedConfReq), ApiText.Hex(lcp.LastSentConfReq), ApiText.Hex(lcp.LastReceivedConfReq));

    /// <summary>Without response and challenge: the response is the password (PAP), or allows guessing it offline (CHAP).</summary>
    public static ProxyAuthenticationView? ProxyAuthentication(ProxyAuthentication? proxy) => proxy is null
        ? null
        : new ProxyAuthenticationView(
            proxy.Type is { } type ? ApiText.Of(type) : null, ApiText.Octets(proxy.Name), proxy.Id, proxy.Response is not null);

    public static DslLineView? DslLine(DslLine? line) => line is null
        ? null
        : new DslLineView
        {
            AgentCircuitId = ApiText.Octets(line.AgentCircuitId),
            AgentRemoteId = ApiText.Octets(line.AgentRemoteId),
            ActualRateUp = line.ActualRateUp,
            ActualRateDown = line.ActualRateDown,
            MinimumRateUp = line.MinimumRateUp,
            MinimumRateDown = line.MinimumRateDown,
            AttainableRateUp = line.AttainableRateUp,
            AttainableRateDown = line.AttainableRateDown,
            MaximumRateUp = line.MaximumRateUp,
            MaximumRateDown = line.MaximumRateDown,
            MinimumRateUpLowPower = line.MinimumRateUpLowPower,
            MinimumRateDownLowPower = line.MinimumRateDownLowPower,
            MaximumInterleavingDelayUp = line.MaximumInterleavingDelayUp,
            ActualInterleavingDelayUp = line.ActualInterleavingDelayUp,
            MaximumInterleavingDelayDown = line.MaximumInterleavingDelayDown,
            ActualInterleavingDelayDown = line.ActualInterleavingDelayDown,
            AccessLoopEncapsulation = ApiText.Hex(line.AccessLoopEncapsulation),
            AncpLineType = line.AncpLineType,
            IwfSession = line.IwfSession,
        };

    public static CallErrorsView? Errors(CallErrors? errors) => errors is null
        ? null
        : new CallErrorsView(
            errors.Crc, errors.Framing, errors.HardwareOverruns, errors.BufferOverruns, errors.Timeouts, errors.Alignment);

    public static AccmView? Accm(Accm? accm) => accm is null ? null : new AccmView($"0x{accm.Send:x8}", $"0x{accm.Receive:x8}");
}
