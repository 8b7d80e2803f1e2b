using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Messages by name, for the rows of tests: valid ones of a tunnel and of a call.</summary>
internal static class NamedMessages
{
    public static ControlMessage Start(ScriptedPeer peer, string name) => name switch
    {
        "SCCRQ" => peer.Sccrq,
        "SCCRP" => peer.Sccrp,
        _ => new Scccn(),
    };

    public static ControlMessage Call(string name, uint local, uint remote) => name switch
    {
        "ICRQ" => new Icrq { LocalSessionId = new(local), RemoteSessionId = new(remote), CallSerialNumber = 1 },
        "ICRP" => new Icrp { LocalSessionId = new(local), RemoteSessionId = new(remote) },
        "ICCN" => new Iccn { RemoteSessionId = new(remote), TxConnectSpeed = 1, FramingType = FramingTypes.Synchronous },
        "OCRQ" => new Ocrq
        {
            LocalSessionId = new(local),
            RemoteSessionId = new(remote),
            CallSerialNumber = 1,
            MinimumBps = 1,
            MaximumBps = 64_000,
            BearerType = BearerTypes.Digital,
            FramingType = FramingTypes.Synchronous,
            CalledNumber = "1",
        },
        "OCRP" => new Ocrp { LocalSessionId = new(local), RemoteSessionId = new(remote) },
        "OCCN" => new Occn { RemoteSessionId = new(remote), TxConnectSpeed = 1, FramingType = FramingTypes.Synchronous },
        "WEN" => new Wen { RemoteSessionId = new(remote), CallErrors = new CallErrors(1, 2, 3, 4, 5, 6) },
        "SLI" => new Sli { RemoteSessionId = new(remote), Accm = new Accm(1, 2) },
        _ => new Cdn { LocalSessionId = new(local), RemoteSessionId = new(remote), Result = new ResultCode(3) },
    };
}
