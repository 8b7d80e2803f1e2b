using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Null;

/// <summary>Control messages only: every request succeeds, no data is carried, and a tunnel has no descriptor.</summary>
public sealed class NullDataPlane(IInputSink sink, Transports transports) : IDataPlane
{
    internal const string Word = "null";

    /// <inheritdoc/>
    public DataPlaneChoice Choice => DataPlaneChoice.Null;

    /// <inheritdoc/>
    public string Name => Word;

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
    public void Dispose()
    {
        // Nothing is held.
    }
}
