using L2tpd.Engine.Addressing;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;

namespace L2tpd.Engine.Admission;

/// <summary>
/// Our ids for tunnels that peers ask for, drawn at random: an unproven peer must neither see nor influence the order of the ids of tunnels
/// that we dial.
/// </summary>
internal sealed class RequestIds(EngineContext context, TunnelTable tunnels, HalfOpenRequests requests)
{
    /// <summary>
    /// Random ids tried for one that no request of any source has. Of two tunnels with one id only the first can be made; the peer of the
    /// other finds out when its messages have gone unanswered for a retransmission cycle.
    /// </summary>
    private const int MostUniqueDraws = 8;

    /// <summary>Random ids tried before the id space is searched. In a flood all ids are in requests, most of them forged.</summary>
    private const int MostDraws = 32;

    private readonly byte[] _random = new byte[1_024];
    private int _randomLeft;

    /// <summary>
    /// An id that no tunnel and no request has; in a flood one that no request of that source has; 0 if tunnels have all ids.
    /// </summary>
    public TunnelId Draw(ProtocolVersion version, in Endpoint remote)
    {
        var id = TunnelId.None;
        for (var draws = 0; draws < MostDraws; draws++)
        {
            id = Random(version);
            if (!tunnels.TryGet(id, out _) && !IsRequested(id, remote, unique: draws < MostUniqueDraws))
                return id;
        }

        if (version == ProtocolVersion.V3 || tunnels.IsIdSpaceFull)
            return TunnelId.None;
        while (id.IsNone || tunnels.TryGet(id, out _))
            id = new TunnelId((id.Value + 1) & ushort.MaxValue);

        // The source holds most ids in requests of its own: the new request replaces one of them.
        if (requests.FindLocalId(remote, id) is >= 0 and var place)
            requests.Remove(place);
        return id;
    }

    /// <summary>Any id of the version's width, in use or not.</summary>
    public TunnelId Random(ProtocolVersion version)
    {
        uint number;
        do
            number = version == ProtocolVersion.V2 ? RandomNumber() & ushort.MaxValue : RandomNumber();
        while (version == ProtocolVersion.V2 ? number == 0 : number <= ushort.MaxValue);
        return new TunnelId(number);
    }

    private bool IsRequested(TunnelId id, in Endpoint remote, bool unique) =>
        unique ? requests.HasLocalId(id) : requests.FindLocalId(remote, id) >= 0;

    private uint RandomNumber()
    {
        if (_randomLeft == 0)
        {
            context.Random.Fill(_random);
            _randomLeft = _random.Length;
        }

        _randomLeft -= sizeof(uint);
        return BitConverter.ToUInt32(_random, _randomLeft);
    }
}
