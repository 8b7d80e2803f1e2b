namespace L2tpd.Operations.Control;

/// <summary>A request to read the configuration again.</summary>
/// <param name="By">Who requested it, for the log.</param>
/// <param name="Force">Apply it even if it removes all tunnels or all peers.</param>
/// <param name="DryRun">Change nothing; report what a reload would do.</param>
public sealed record ReloadRequest(string By, bool Force = false, bool DryRun = false);
