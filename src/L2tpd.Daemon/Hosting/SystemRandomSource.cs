using System.Security.Cryptography;
using L2tpd.Engine;

namespace L2tpd.Daemon.Hosting;

/// <summary>The system's generator: ids and challenges must not be guessed.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
