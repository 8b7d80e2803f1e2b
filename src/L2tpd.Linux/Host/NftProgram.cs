using System.ComponentModel;
using System.Diagnostics;

namespace L2tpd.Linux.Host;

/// <summary>The program <c>nft</c>, which writes tables of nftables.</summary>
public static class NftProgram
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    /// <summary>Runs a script in one transaction. Blocks until it is done.</summary>
    /// <param name="script">As <c>nft -f</c> reads it.</param>
    /// <param name="key">The configuration key that needs it, for the error.</param>
    /// <param name="limit">How long nft may take before it is killed; <c>null</c> for ten seconds.</param>
    /// <returns>ENOENT: there is no nft; EINVAL: nft or the kernel refused; ETIMEDOUT: it took longer than the limit.</returns>
    public static LinuxError Run(string script, string key, TimeSpan? limit = null) =>
        Run(["-f", "-"], script, key, limit ?? DefaultLimit, out _);

    /// <summary>Runs a command and reads what it prints. Blocks as <see cref="Run(string, string, TimeSpan?)"/>.</summary>
    public static LinuxError Read(string[] arguments, string key, out string output) => Run(arguments, "", key, DefaultLimit, out output);

    private static LinuxError Run(string[] arguments, string script, string key, TimeSpan limit, out string output)
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
            _ = WriteAsync(nft.StandardInput, script);
            var printed = nft.StandardOutput.ReadToEndAsync();
            var said = nft.StandardError.ReadToEndAsync();
            if (!nft.WaitForExit(limit))
            {
                nft.Kill();
                return new LinuxError(Errno.ETIMEDOUT, "nft", $"{key}: the program nft did not end in {limit.TotalSeconds:0.###} s");
            }

            output = printed.GetAwaiter().GetResult();
            return nft.ExitCode == 0 ? LinuxError.None
                : new LinuxError(Errno.EINVAL, "nft", $"{key}: {said.GetAwaiter().GetResult().Trim()}");
        }
        catch (Win32Exception)
        {
            return new LinuxError(Errno.ENOENT, "nft", $"{key} needs the program nft (package nftables)");
        }
    }

    private static async Task WriteAsync(StreamWriter input, string script)
    {
        try
        {
            await input.WriteAsync(script).ConfigureAwait(false);
            input.Close();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // nft has ended before it read all: its exit status and its words say why.
        }
    }
}
