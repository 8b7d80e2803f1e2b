using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Null;

/// <summary>Control plane only: everything succeeds, nothing is carried, no descriptor a tunnel.</summary>
public sealed class NullDataPlane(IInputSink sink, Transports transports) : IDataPlane
{
    /// <inheritdoc/>
    public string Name => "null";

    /// <inheritdoc/>
    public int Remaining => 0;

    /// <inheritdoc/>
    public void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters)
    {
        transports.Remember(tunnel, parameters.Path.Remote);
        sink.Submit(new TunnelCreated(tunnel));
    }

    /// <inheritdoc/>
    public void DestroyTunnel(TunnelKey tunnel)
    {
        // Nothing was made.
    }

    /// <inheritdoc/>
    public void CloseTransport(TunnelKey tunnel) => transports.Close(tunnel);

    /// <inheritdoc/>
    public void CreateSession(SessionKey session, SessionParameters parameters) => sink.Submit(new SessionCreated(session));

    /// <inheritdoc/>
    public void DestroySession(SessionKey session)
    {
        // Nothing was made.
    }

    /// <inheritdoc/>
    public FileDescriptor? BorrowPppSocket(SessionKey session) => null;

    /// <inheritdoc/>
    public void ReturnPppSocket(SessionKey session)
    {
        // None was lent.
    }

    /// <inheritdoc/>
    public Task<SessionStatistics> ReadStatisticsAsync(IReadOnlyCollection<(uint Tunnel, uint Session)> sessions) => Task.FromResult(new SessionStatistics());

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }
}
