namespace L2tpd.TestKit;

/// <summary>Shell scripts that stand in for programs.</summary>
internal static class Script
{
    /// <summary>Writes an executable script.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string directory, string name, string text)
    {
        var path = Path.Combine(directory, name);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
