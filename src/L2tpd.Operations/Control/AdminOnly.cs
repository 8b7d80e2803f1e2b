namespace L2tpd.Operations.Control;

/// <summary>
/// Marks a route that changes nothing and needs <see cref="ControlRights.Admin"/> all the same: it shows what users send.
/// </summary>
internal sealed class AdminOnly
{
    /// <summary>The only instance.</summary>
    public static readonly AdminOnly Instance = new();

    private AdminOnly()
    {
    }
}
