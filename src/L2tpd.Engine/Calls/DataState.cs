namespace L2tpd.Engine.Calls;

/// <summary>How far a tunnel or session is in the data plane and PPP, beyond the control protocol.</summary>
public enum DataState
{
    None,
    Creating,
    Created,
    PppStarted,
    NetworkUp,
}
