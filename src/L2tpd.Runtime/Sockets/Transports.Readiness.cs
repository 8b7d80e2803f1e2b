using L2tpd.Engine.Addressing;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Sockets;

/// <content>What the loop reports about the sockets.</content>
public sealed partial class Transports
{
    /// <inheritdoc/>
    public void OnReadable(Transport transport)
    {
        if (_forRequests.TryDefer(transport))
            return;
        // Messages that are read together are acknowledged together. The bound keeps a busy socket from delaying the others.
        for (var taken = 0; taken < MostDatagramsATurn; taken += _batch.Count)
        {
            // A negative count is a pending error of the socket, cleared by the read; the error queue has the details.
            var count = transport.Socket.Receive(_batch);
            if (count > 0 && transport.IsOverIp)
                _ipMessages.Deliver(transport, _batch);
            else if (count > 0)
                _engine.Deliver(transport, _batch);
            // The handler may have closed the socket if it belonged to one tunnel.
            if (count < _batch.Capacity || transport.Kind != TransportKind.Listener)
                return;
        }
    }

    /// <inheritdoc/>
    public void OnWritable(Transport transport) => Outbox.Flush(transport);

    /// <inheritdoc/>
    public void OnErrors(Transport transport)
    {
        for (var i = 0; i < MostErrorsATurn && transport.Socket.TryReadError(out var error); i++)
        {
            var tunnel = transport.Owner.IsNone
                ? _byRemote.GetValueOrDefault(transport.RemoteOf(error.Peer))
                : transport.Owner;
            if (!tunnel.IsNone)
                _engine.Submit(new TransportError(tunnel, SocketErrorText.Of(error), IsRefusal(tunnel, error)));
        }
    }

    /// <summary>Whether the error comes from the dialled host and port, not from a router or an earlier attempt.</summary>
    private bool IsRefusal(TunnelKey tunnel, in DatagramError error) =>
        error is { Errno: Errno.ECONNREFUSED, IsLocal: false, Reporter.IsNone: false }
        && _remotes.TryGetValue(tunnel, out var remote) && error.Peer.ToEndpoint() == remote with { IsProtected = false }
        && error.Reporter.ToEndpoint().WithoutPort == remote.WithoutPort with { IsProtected = false };
}
