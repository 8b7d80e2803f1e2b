using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;

namespace L2tpd.PppHosting;

/// <summary>Runs PPP on sessions. Loop thread only; results go to the engine as inputs.</summary>
public interface IPppBackend : IDisposable
{
    /// <summary>Sessions on which PPP is not gone yet.</summary>
    int Running { get; }

    void Start(SessionKey session, PppRequest request);

    /// <summary>Ends PPP on a session; the answer follows when it is gone.</summary>
    /// <returns>False: there is none of this backend's.</returns>
    bool Stop(SessionKey session);
}
