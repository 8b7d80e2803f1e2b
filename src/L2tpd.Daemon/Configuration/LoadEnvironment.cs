namespace L2tpd.Daemon.Configuration;

/// <summary>What the configuration takes from the machine rather than from its files.</summary>
/// <param name="HostName">The machine's name, used where <c>host-name</c> is not set.</param>
/// <param name="CredentialsDirectory">systemd's $CREDENTIALS_DIRECTORY; null: there is none.</param>
/// <param name="RunningDataPlane">
/// The data plane that a reload finds running and cannot change: the file is checked for that one, whatever it says itself. Null: nothing runs yet.
/// </param>
public sealed record LoadEnvironment(string HostName, string? CredentialsDirectory, DataPlaneChoice? RunningDataPlane = null)
{
    /// <summary>This process's.</summary>
    public static LoadEnvironment OfProcess() =>
        new(Environment.MachineName, Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"));
}
