using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;

namespace L2tpd.PppHosting;

/// <summary>Runs PPP on sessions. Loop thread only; results go to the engine as inputs.</summary>
public interface IPppBackend : IDisposable
{
    /// <summary>Sessions on which PPP has not ended.</summary>
    int Running { get; }

    void Start(SessionKey session, PppRequest request);

    /// <summary>Ends PPP on a session; the answer follows at its end.</summary>
    /// <returns>False if this back end runs none on it.</returns>
    bool Stop(SessionKey session);
}
