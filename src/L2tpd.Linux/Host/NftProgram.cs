using System.ComponentModel;
using System.Diagnostics;

namespace L2tpd.Linux.Host;

/// <summary>The program <c>nft</c>, which writes tables of nftables.</summary>
public static class NftProgram
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Runs a script in one transaction. Blocks until it is done, ten seconds at most.</summary>
    /// <param name="script">As <c>nft -f</c> reads it.</param>
    /// <param name="key">The configuration key that needs it, for the error. ENOENT: there is no nft; EINVAL: nft or the kernel
    /// refused.</param>
    public static LinuxError Run(string script, string key) => Run(["-f", "-"], script, key, out _);

    /// <summary>Runs a command and reads what it prints. Blocks as <see cref="Run(string, string)"/>.</summary>
    public static LinuxError Read(string[] arguments, string key, out string output) => Run(arguments, "", key, out output);

    private static LinuxError Run(string[] arguments, string script, string key, out string output)
    {
        output = "";
        try
        {
            using var nft = Process.Start(new ProcessStartInfo("nft", arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            nft.StandardInput.Write(script);
            nft.StandardInput.Close();
            var printed = nft.StandardOutput.ReadToEndAsync();
            var said = nft.StandardError.ReadToEndAsync();
            if (!nft.WaitForExit(Timeout))
            {
                nft.Kill();
                return new LinuxError(Errno.ETIMEDOUT, "nft", key);
            }

            output = printed.GetAwaiter().GetResult();
            return nft.ExitCode == 0 ? LinuxError.None
                : new LinuxError(Errno.EINVAL, "nft", $"{key}: {said.GetAwaiter().GetResult().Trim()}");
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return new LinuxError(Errno.ENOENT, "nft", $"{key} needs the program nft (package nftables)");
        }
    }
}
