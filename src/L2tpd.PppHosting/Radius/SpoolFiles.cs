using System.Globalization;
using L2tpd.Access;
using Microsoft.Win32.SafeHandles;

namespace L2tpd.PppHosting.Radius;

/// <summary>
/// The files of the accounting spool: segments <c>NUMBER.spool</c> of appended frames (<see cref="SpoolFrame"/>) in a directory of this
/// daemon alone.
/// </summary>
/// <remarks>
/// One thread at a time; every call blocks for as long as the disk does. A segment is removed when all of its records are done. A run
/// begins a new segment, and never appends to those of a former one: a frame that a crash cut off stays the last of its file, and is
/// ignored.
/// A record is on its way to the disk when <see cref="Append"/> returns (a kill of the process does not lose it), and is on the disk after
/// <see cref="Sync"/> (a power failure does not either). The octet that marks a record as done is written in place.
/// </remarks>
internal sealed class SpoolFiles : IDisposable
{
    private const string Extension = ".spool";
    private const int LeastSegment = 64 << 10;
    private const int MostSegment = 4 << 20;
    private const int SegmentsOfMaxSize = 16;

    private readonly string _directory;
    private readonly FileStream _lock;
    private readonly SortedDictionary<long, Segment> _segments = [];
    private Segment? _current;
    private long _lastNumber;

    /// <summary>Makes the directory if it is missing, and locks it.</summary>
    /// <exception cref="IOException">The directory cannot be used, or another process uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory belongs to somebody else.</exception>
    public SpoolFiles(string directory, long maxSize)
    {
        (_directory, MaxSize) = (directory, maxSize);
        if (!Directory.Exists(directory) && OperatingSystem.IsLinux())
        {
            Directory.CreateDirectory(
                directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        _lock = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Octets of all segments together.</summary>
    public long MaxSize { get; set; }

    /// <summary>Octets that no record could be read from, after <see cref="Recover"/>.</summary>
    public long Damaged { get; private set; }

    private int SegmentSize => (int)Math.Clamp(MaxSize / SegmentsOfMaxSize, LeastSegment, MostSegment);

    /// <summary>Reads the segments of former runs; once, before the first append.</summary>
    /// <returns>The records that wait, the oldest first.</returns>
    public List<SpoolEntry> Recover()
    {
        var waiting = new List<SpoolEntry>();
        foreach (var path in Directory.GetFiles(_directory, "*" + Extension).Order(StringComparer.Ordinal))
        {
            if (!long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                continue;

            _lastNumber = Math.Max(_lastNumber, number);
            var segment = new Segment(number, path, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite));
            _segments.Add(number, segment);
            Read(segment, waiting);
            RemoveIfDone(segment);
        }

        return waiting;
    }

    /// <summary>Appends a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="droppedThrough">Segments up to this number were removed to make room; 0: none.</param>
    /// <returns>Where it is.</returns>
    /// <exception cref="IOException">It was not written: the disk is full, for example.</exception>
    public SpoolPlace Append(ReadOnlySpan<byte> frame, out long droppedThrough)
    {
        droppedThrough = 0;
        if (_current is { } former && former.Length + frame.Length > SegmentSize)
            CloseCurrent();
        while (_segments.Count > 1 && _segments.Values.Sum(static segment => (long)segment.Length) + frame.Length > MaxSize)
        {
            var oldest = _segments.First().Value;
            droppedThrough = oldest.Number;
            Remove(oldest);
        }

        var segment = _current ??= Create();
        try
        {
            RandomAccess.Write(segment.Handle, frame, segment.Length);
        }
        catch (IOException)
        {
            CutOff(segment);
            throw;
        }

        var place = new SpoolPlace(segment.Number, segment.Length, frame.Length);
        segment.Length += frame.Length;
        segment.Waiting++;
        segment.IsDirty = true;
        return place;
    }

    /// <summary>Reads a record; <c>null</c> if it is not there, or damaged.</summary>
    public SpoolRecord? Read(in SpoolPlace place)
    {
        if (!_segments.TryGetValue(place.Segment, out var segment))
            return null;

        var octets = new byte[place.Size];
        return RandomAccess.Read(segment.Handle, octets, place.Offset) == octets.Length
            && SpoolFrame.TryRead(octets, out var record, out _, out _) ? record : null;
    }

    /// <summary>Marks a record as done. The segment is removed with its last record.</summary>
    public void MarkDone(in SpoolPlace place)
    {
        if (!_segments.TryGetValue(place.Segment, out var segment))
            return;

        RandomAccess.Write(segment.Handle, [SpoolFrame.Done], place.Offset);
        segment.Waiting--;
        segment.IsDirty = true;
        RemoveIfDone(segment);
    }

    /// <summary>Waits until everything that was written is on the disk.</summary>
    public void Sync()
    {
        foreach (var segment in _segments.Values)
        {
            if (!segment.IsDirty)
                continue;

            RandomAccess.FlushToDisk(segment.Handle);
            segment.IsDirty = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var segment in _segments.Values)
            segment.Handle.Dispose();

        _segments.Clear();
        _lock.Dispose();
    }

    private void Read(Segment segment, List<SpoolEntry> waiting)
    {
        var length = RandomAccess.GetLength(segment.Handle);
        var octets = new byte[Math.Min(length, MostSegment + SpoolFrame.MaxSize)];
        var read = RandomAccess.Read(segment.Handle, octets, 0);
        var offset = 0;
        while (SpoolFrame.TryRead(octets.AsSpan(offset, read - offset), out var record, out var isDone, out var size))
        {
            if (!isDone)
            {
                waiting.Add(new SpoolEntry(
                    new SpoolPlace(segment.Number, offset, size), record!.Status, record.Timestamp, record.SessionId));
                segment.Waiting++;
            }

            offset += size;
        }

        Damaged += length - offset;
        segment.Length = offset;
    }

    private Segment Create()
    {
        var number = ++_lastNumber;
        var path = Path.Combine(_directory, number.ToString("d16", CultureInfo.InvariantCulture) + Extension);
        var segment = new Segment(number, path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite));
        _segments.Add(number, segment);
        return segment;
    }

    /// <summary>After a failed write: the part that was written goes, or else the segment is closed with it as its end.</summary>
    private void CutOff(Segment segment)
    {
        try
        {
            RandomAccess.SetLength(segment.Handle, segment.Length);
        }
        catch (IOException)
        {
            CloseCurrent();
        }

        if (segment.Length == 0)
        {
            _current = null;
            Remove(segment);
        }
    }

    private void CloseCurrent()
    {
        var segment = _current;
        _current = null;
        if (segment is not null)
            RemoveIfDone(segment);
    }

    private void RemoveIfDone(Segment segment)
    {
        if (segment.Waiting > 0)
            return;

        if (ReferenceEquals(segment, _current))
            _current = null;
        Remove(segment);
    }

    private void Remove(Segment segment)
    {
        if (ReferenceEquals(segment, _current))
            _current = null;
        _segments.Remove(segment.Number);
        segment.Handle.Dispose();
        File.Delete(segment.Path);
    }

    /// <summary>One file.</summary>
    private sealed class Segment(long number, string path, SafeFileHandle handle)
    {
        public long Number => number;

        public string Path => path;

        public SafeFileHandle Handle => handle;

        /// <summary>Octets of whole frames.</summary>
        public int Length { get; set; }

        /// <summary>Records that are not done.</summary>
        public int Waiting { get; set; }

        /// <summary>Something was written since the last sync.</summary>
        public bool IsDirty { get; set; }
    }
}
