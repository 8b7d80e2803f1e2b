using System.Globalization;
using System.Text.Json;
using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Runtime.Processes;

namespace L2tpd.Operations.Hooks;

/// <summary>An event that hooks are run for.</summary>
/// <param name="Name">The key of the hook, for example <c>session-up</c>.</param>
/// <param name="Tunnel">The tunnel, that of a session included.</param>
/// <param name="Session">The session; <c>null</c> if the event is about the tunnel.</param>
/// <param name="Reason">Why it ended; <c>null</c> for other events.</param>
internal sealed record HookEvent(string Name, Tunnel Tunnel, Session? Session = null, EndReason? Reason = null)
{
    private const string Prefix = "L2TPD_";

    /// <summary>The hook of an event; <c>null</c> if there is none.</summary>
    public static HookEvent? Of(OperationsEvent operationsEvent) => operationsEvent switch
    {
        TunnelEstablished { Tunnel: var tunnel } => new HookEvent("tunnel-up", tunnel),
        TunnelEnded ended => new HookEvent("tunnel-down", ended.Tunnel, null, ended.Reason),
        SessionEstablished { Session: var session } => new HookEvent("session-up", session.Tunnel, session),
        SessionNetworkUp { Session: var session } => new HookEvent("network-up", session.Tunnel, session),
        SessionEnded ended => new HookEvent("session-down", ended.Session.Tunnel, ended.Session, ended.Reason),
        PeerFellSilent { Tunnel: var tunnel } => new HookEvent("peer-silent", tunnel),
        PeerAnsweredAgain { Tunnel: var tunnel } => new HookEvent("peer-answers", tunnel),
        _ => null,
    };

    /// <summary>The variables that a hook command gets.</summary>
    /// <param name="ofSession">Those of a session.</param>
    public SessionVariables Variables(Func<Session, SessionVariables> ofSession)
    {
        var variables = Session is { } session ? ofSession(session) : SessionVariables.Of(Tunnel);
        return (Reason is { } reason ? variables.With(reason) : variables).Add("EVENT", Name);
    }

    /// <summary>Adds the last counters of a session.</summary>
    public static void AddTraffic(SessionVariables variables, TrafficView traffic) => variables
        .Add("OCTETS_TO_PEER", Number(traffic.TransmitOctets))
        .Add("OCTETS_FROM_PEER", Number(traffic.ReceiveOctets))
        .Add("PACKETS_TO_PEER", Number(traffic.TransmitPackets))
        .Add("PACKETS_FROM_PEER", Number(traffic.ReceivePackets));

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Variables as a JSON object in one line: names in lower case and without the prefix, all values texts.</summary>
    /// <param name="variables">Those of an event.</param>
    /// <param name="number">Number of the event.</param>
    /// <param name="at">When it happened.</param>
    public static byte[] ToJson(SessionVariables variables, long number, DateTimeOffset at)
    {
        using var stream = new MemoryStream(1_024);
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("number", number);
            writer.WriteString("at", at);
            foreach (var (name, value) in variables.Variables)
                writer.WriteString(name[Prefix.Length..].ToLower(CultureInfo.InvariantCulture), value);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }
}
