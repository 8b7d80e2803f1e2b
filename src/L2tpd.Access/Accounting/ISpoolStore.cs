namespace L2tpd.Access;

/// <summary>
/// The files of <see cref="AccountingSpool"/>. Calls return at once and are carried out in their order; results come back later, on the
/// loop.
/// </summary>
public interface ISpoolStore
{
    /// <summary>Writes a frame at the end; <see cref="AccountingSpool.OnAppended"/> follows.</summary>
    void Append(ulong token, byte[] frame);

    /// <summary>Reads a record; <see cref="AccountingSpool.OnRead"/> follows.</summary>
    void Read(ulong token, SpoolPlace place);

    /// <summary>A record is no longer needed. Nothing follows.</summary>
    void MarkDone(SpoolPlace place);
}

/// <summary>Receives what <see cref="AccountingSpool"/> has to report, for the log.</summary>
public interface ISpoolObserver
{
    /// <summary>Records begin to wait on disk, because no server answers.</summary>
    void OnSpoolFilling();

    /// <summary>No record waits on disk any more.</summary>
    /// <param name="delivered">Records that servers took since the first began to wait.</param>
    void OnSpoolEmpty(long delivered);

    /// <summary>A record could not be written. It waits in memory and is tried again.</summary>
    void OnSpoolError(string error);

    /// <summary>Records were lost.</summary>
    void OnRecordsLost(long count, string why);
}
