
namespace L2tpd.Configuration.Sections;

/// <summary>Reads files that the operator named. They may be of any type and size.</summary>
internal static class FileText
{
    private static ReadOnlySpan<byte> Mark => [0xef, 0xbb, 0xbf];

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file; a device is read up to <paramref name="longest"/>.</param>
    /// <param name="longest">Octets; a longer file is an error.</param>
    /// <param name="octets">The content, without the byte order mark that some editors write before UTF-8 text.</param>
    /// <returns>Why the file cannot be read; <c>null</c> if it was read.</returns>
    public static string? TryRead(string path, int longest, out byte[] octets)
    {
        octets = [];
        try
        {
            if (Directory.Exists(path))
                return "it is a directory";
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var read = new MemoryStream();
            var buffer = new byte[4096];
            for (var length = file.Read(buffer); length > 0; length = file.Read(buffer))
            {
                read.Write(buffer, 0, length);
                if (read.Length > longest)
                    return $"it is longer than {longest} octets";
            }

            octets = WithoutMark(read.GetBuffer().AsSpan(0, (int)read.Length)).ToArray();
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return "permission denied";
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return "no such file";
        }
        catch (Exception exception) when (exception is IOException or NotSupportedException or ArgumentException)
        {
            return exception.Message.TrimEnd('.');
        }
    }

    /// <summary>Whether every user of the machine may read the file: it, and enter each directory above it.</summary>
    public static bool IsForAll(string path)
    {
        try
        {
            if (!OperatingSystem.IsLinux() || (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) == 0)
                return false;
            for (var above = Path.GetDirectoryName(Path.GetFullPath(path)); above is not null; above = Path.GetDirectoryName(above))
            {
                if ((File.GetUnixFileMode(above) & UnixFileMode.OtherExecute) == 0)
                    return false;
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file was removed after it was read.
            return false;
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> octets) => octets.StartsWith(Mark) ? octets[Mark.Length..] : octets;
}
