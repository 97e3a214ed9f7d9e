import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;
import org.h2.mvstore.MVStore;

/** Serves the MongoDB protocol on a port of loopback, from a file: MongoOnPort PORT FILE. */
public final class MongoOnPort {
    /** The least that today's drivers talk to; the server's own versions end one below it. */
    private enum Version implements MongoVersion {
        OLDEST;

        @Override
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        @Override
        public int getWireVersion() {
            return 9;
        }
    }

    public static void main(String[] arguments) {
        MVStore store = MVStore.open(arguments[1]);
        store.setAutoCommitDelay(20); // milliseconds: about as much a kill may cost
        H2Backend backend = new H2Backend(store);
        backend.version(Version.OLDEST);
        MongoServer server = new MongoServer(backend);
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    }
}
