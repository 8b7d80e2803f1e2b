using System.Text;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <summary>Builds the requests and the connected messages of our own calls.</summary>
internal static class CallRequests
{
    /// <summary>For a call restored from a snapshot whose session is no longer configured: it connects with the defaults.</summary>
    private static readonly LacSession NoLongerConfigured = new() { Name = "" };

    /// <summary>The ICRQ or OCRQ of a configured session.</summary>
    public static CallRequest From(LacSession configuration, SessionId localId, uint serial) =>
        configuration.Direction == CallDirection.Incoming
            ? new Icrq
            {
                LocalSessionId = localId,
                CallSerialNumber = serial,
                BearerType = configuration.BearerType,
                CalledNumber = configuration.CalledNumber,
                CallingNumber = configuration.CallingNumber,
                SubAddress = configuration.SubAddress,
                SessionDs = configuration.SessionDs,
            }
            : new Ocrq
            {
                LocalSessionId = localId,
                CallSerialNumber = serial,
                MinimumBps = configuration.MinimumBps,
                MaximumBps = configuration.MaximumBps,
                BearerType = configuration.BearerType,
                FramingType = configuration.FramingType,
                CalledNumber = configuration.CalledNumber ?? "",
                SubAddress = configuration.SubAddress,
                SessionDs = configuration.SessionDs,
            };

    /// <summary>The ICCN of a configured session, or the OCCN that answers the peer's OCRQ.</summary>
    public static CallConnected Connected(Session session) => session.Request is Ocrq asked
        ? new Occn
        {
            LocalSessionId = session.LocalId,
            RemoteSessionId = session.PeerId,
            TxConnectSpeed = asked.MaximumBps,
            FramingType = asked.FramingType == 0 ? Introduction.Framing : asked.FramingType,
            SequencingRequired = session.Profile.Sequencing,
        }
        : Iccn(session, session.Dialled?.Configuration ?? NoLongerConfigured);

    private static Iccn Iccn(Session session, LacSession configuration) => new()
    {
        LocalSessionId = session.LocalId,
        RemoteSessionId = session.PeerId,
        TxConnectSpeed = configuration.TxConnectSpeed,
        RxConnectSpeed = configuration.RxConnectSpeed,
        FramingType = configuration.FramingType,
        SequencingRequired = session.Profile.Sequencing,
        PrivateGroupId = (configuration.PrivateGroupId ?? session.Dialled?.CandidateIn(session.Tunnel)?.PrivateGroupId) is { } group
            ? Encoding.UTF8.GetBytes(group)
            : null,
    };
}
