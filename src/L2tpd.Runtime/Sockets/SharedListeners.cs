using L2tpd.Engine.Effects;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// The listeners, and the choice of one that a dialled tunnel can share. Loop thread only, except for <see cref="Add"/> before the loop
/// runs.
/// </summary>
internal sealed class SharedListeners
{
    private readonly List<Transport> _listeners = [];

    /// <summary>All listeners.</summary>
    public IReadOnlyList<Transport> All => _listeners;

    public void Add(Transport listener) => _listeners.Add(listener);

    /// <summary>The listener on the port and address that a dialled tunnel needs; <c>null</c> if the tunnel needs its own socket.</summary>
    public Transport? Find(TransportRequest request)
    {
        // An L2TP/IP listener of the kernel receives SCCRQs only.
        if ((request.SourcePort == 0 && !request.Remote.IsOverIp) || request.BindDevice is not null || request.FwMark != 0)
            return null;
        var local = TransportOpener.LocalAddressOf(request);
        foreach (var listener in _listeners)
        {
            // A dialled tunnel has no mark, or the one of its own `fwmark`.
            if (listener.TakesMarks)
                continue;
            // What is protected does not share with what takes clear text, whichever of the two is the listener's.
            if (listener.IsProtected != request.Remote.IsProtected)
                continue;
            if (listener.Local.Carrier != request.Remote.Carrier || listener.Socket is L2tpIpSocket)
                continue;
            var fits = (listener.IsOverIp || listener.Local.Port == request.SourcePort) && listener.Local.IsIPv6 == request.Remote.IsIPv6
                && (listener.Local.Address == 0 || local is null || local.Value.Address == listener.Local.Address);
            if (fits && (local is not null || request.LocalAddress is null))
                return listener;
        }

        return null;
    }
}
