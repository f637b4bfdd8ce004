using Qi.Actors.IO;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>Files: written, read, cut off, closed in the middle, replaced, copied, walked and watched.</summary>
internal static class FileEpisodes
{
    private const int BlockBytes = 6_000;

    public static async Task ReadAndWrite(SoakContext context)
    {
        using var scratch = new Scratch();
        var random = context.Random;
        ulong seed = (ulong)random.NextInt64();
        int blocks = random.Next(1, 60);
        await using (var file = await AsyncFile.OpenAsync(context.System, scratch["a"], FileMode.CreateNew, FileAccess.ReadWrite))
        {
            var writers = Enumerable.Range(0, 3).Select(writer => (Writer: writer, Own: new Random(random.Next())))
                .Select(part => context.Run(() => WriteAsync(context, file, seed, part.Writer, blocks, part.Own)));
            await context.Within(Task.WhenAll(writers.ToArray()), "writers of a file");
            context.Check(file.Length == (long)blocks * BlockBytes, $"a file has {file.Length} bytes instead of {blocks * BlockBytes}");
            var readers = Enumerable.Range(0, 3).Select(_ => new Random(random.Next())).Select(own => context.Run(() => ReadAsync(context, file, seed, blocks, own)));
            await context.Within(Task.WhenAll(readers.ToArray()), "readers of a file");
            await CutOffAsync(context, file, seed, blocks, random);
        }

        await CloseInTheMiddle(context, scratch["a"], new Random(random.Next()));
        await ReplaceAndCopy(context, scratch, random);
    }

    public static async Task Watch(SoakContext context)
    {
        using var scratch = new Scratch();
        int count = context.Random.Next(1, 20);
        await using var watcher = await FileWatcher.StartAsync(context.System, scratch.Root);
        var seen = context.Run(async Coroutine<int> () =>
        {
            int found = 0;
            await foreach (var change in watcher)
            {
                if (change.Kind != FileChangeKind.Created)
                    continue;
                if (++found == count)
                    break;
            }

            return found;
        });
        for (int i = 0; i < count; i++)
        {
            var message = context.Ledger.NewMessage();
            await File.WriteAllTextAsync(scratch[$"{i}.txt"], "qi");
            message.Settle(Fate.Handled);
        }

        context.Check(await context.Within(seen, "the changes of a folder") == count, "a change of a folder was not told");
    }

    // Each of three writes every third block.
    private static async Coroutine WriteAsync(SoakContext context, AsyncFile file, ulong seed, int first, int blocks, Random random)
    {
        byte[] buffer = new byte[BlockBytes];
        for (int block = first; block < blocks; block += 3)
        {
            long offset = (long)block * BlockBytes;
            SeedStream.Fill(seed, offset, buffer);
            var transfer = context.Ledger.NewMessage();
            int middle = random.Next(BlockBytes);
            if (random.Next(2) == 0)
                await file.WriteAtAsync(buffer, offset);
            else
                await file.WriteAtAsync([buffer.AsMemory(0, middle), buffer.AsMemory(middle)], offset);
            if (random.Next(20) == 0)
                await file.FlushAsync();
            transfer.Settle(Fate.Handled);
        }
    }

    private static async Coroutine ReadAsync(SoakContext context, AsyncFile file, ulong seed, int blocks, Random random)
    {
        byte[] buffer = new byte[BlockBytes];
        for (int i = 0; i < 2 * blocks; i++)
        {
            long offset = random.NextInt64((long)blocks * BlockBytes);
            var transfer = context.Ledger.NewMessage();
            using var cancel = new CancellationTokenSource();
            if (random.Next(20) == 0)
                await cancel.CancelAsync();
            try
            {
                int count = await file.ReadAtAsync(buffer, offset, cancel.Token);
                int wrong = SeedStream.FirstDifference(seed, offset, buffer.AsSpan(0, count));
                context.Check(count > 0 && wrong < 0, $"reading a file at {offset}: {count} bytes, byte {wrong} is another");
                context.Ledger.CountBytes(count);
                transfer.Settle(Fate.Handled);
            }
            catch (OperationCanceledException e) when (e.CancellationToken == cancel.Token)
            {
                transfer.Settle(Fate.Dead);
            }
        }
    }

    // Under a reader: what is read is what stands there, or less.
    private static async Task CutOffAsync(SoakContext context, AsyncFile file, ulong seed, int blocks, Random random)
    {
        long left = random.NextInt64((long)blocks * BlockBytes);
        int reads = random.Next(1, 100);
        var own = new Random(random.Next());
        var reader = context.Run(async Coroutine () =>
        {
            byte[] buffer = new byte[BlockBytes];
            for (int i = 0; i < reads; i++)
            {
                long offset = own.NextInt64((long)blocks * BlockBytes);
                int count = await file.ReadAtAsync(buffer, offset);
                context.Check(SeedStream.FirstDifference(seed, offset, buffer.AsSpan(0, count)) < 0, $"reading a file that is cut off, at {offset}: another byte");
            }
        });
        await context.Within(file.SetLengthAsync(left).AsTask(), "cutting a file off");
        await context.Within(reader, "the reader of a file that is cut off");
        context.Check(await context.Within(file.ReadAtAsync(new byte[10], left).AsTask(), "a read at the end") == 0, "there is something behind the end of a file");
    }

    private static async Task CloseInTheMiddle(SoakContext context, string path, Random random)
    {
        var file = await AsyncFile.OpenAsync(context.System, path, FileMode.Open, FileAccess.ReadWrite);
        var users = Enumerable.Range(0, 4).Select(user => context.Run(async Coroutine () =>
        {
            byte[] buffer = new byte[BlockBytes];
            try
            {
                for (int i = 0; i < 1_000; i++)
                {
                    if (user % 2 == 0)
                        await file.ReadAtAsync(buffer, i);
                    else
                        await file.AppendAsync(buffer.AsMemory(0, 10));
                }
            }
            catch (ObjectDisposedException)
            {
                // As was planned.
            }
        })).ToArray();
        await Task.Delay(random.Next(4));
        await file.DisposeAsync();
        await context.Within(Task.WhenAll(users), "users of a file that was closed");
    }

    private static async Task ReplaceAndCopy(SoakContext context, Scratch scratch, Random random)
    {
        byte[] content = new byte[random.Next(100_000)];
        ulong seed = (ulong)random.NextInt64();
        SeedStream.Fill(seed, 0, content);
        var transfer = context.Ledger.NewMessage();
        await context.Within(FileTree.ReplaceAsync(context.System, scratch["a"], content).AsTask(), "a replacement");
        await context.Within(FileTree.CopyAsync(context.System, scratch["a"], scratch["b"], overwrite: true), "a copy");
        context.Check((await File.ReadAllBytesAsync(scratch["b"])).AsSpan().SequenceEqual(content), "a copy has another content");
        int found = 0;
        await foreach (var _ in FileTree.WalkAsync(context.System, scratch.Root))
            found++;
        context.Check(found == 2, $"a walk has found {found} files instead of 2");
        await context.Within(FileTree.DeleteAsync(context.System, scratch["b"]), "a deletion");
        context.Check(!File.Exists(scratch["b"]), "a file that was deleted is there");
        transfer.Settle(Fate.Handled);
    }
}
