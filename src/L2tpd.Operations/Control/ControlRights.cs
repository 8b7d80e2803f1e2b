namespace L2tpd.Operations.Control;

/// <summary>What a client of the control socket may do.</summary>
public enum ControlRights
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>See everything but what users send (traces), and change nothing.</summary>
    Read,

    /// <summary>Everything.</summary>
    Admin,
}
