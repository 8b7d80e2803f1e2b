namespace L2tpd.Engine.Configuration;

/// <summary>When a tunnel or session that we ask for is set up.</summary>
public enum DialMode
{
    /// <summary>At the start, and again when it ends.</summary>
    Always,

    /// <summary>When the operator opens it, until the operator closes it.</summary>
    Manual,

    /// <summary>
    /// When a packet waits for the session (<see cref="Inputs.TrafficWaits"/>), until it is idle. A tunnel follows its sessions.
    /// </summary>
    OnTraffic,
}
